package io.trimtab.study.drift;

import io.trimtab.drift.WatchSettings;
import io.trimtab.error.TrimtabException;
import io.trimtab.study.drift.DriftRecord.Share;
import io.trimtab.study.drift.DriftStream.Kind;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code trimtab study drift}: what the drift watch makes of streams whose drift is known. */
@Command(
    name = "drift",
    description = {
      "Serves streams of 5,000 requests, calm ones and drifting ones, and watches each at shares of"
          + " 2, 10 and 50 %%.",
      "The candidates that it serves are those of 'trimtab study gate' in the same folder. Killed"
          + " and started again, it goes on.",
    },
    mixinStandardHelpOptions = true,
    footer = {"  trimtab study drift --data study-data"},
    sortOptions = false)
public final class DriftStudyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      required = true,
      description = "Folder of a gate study.")
  private Path data = Path.of("");

  @Option(
      names = "--only",
      paramLabel = "TEXT",
      description = "Only streams whose name has this in it.")
  private String only = "";

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<DriftStream> streams =
        DriftStreams.all().stream().filter(stream -> stream.name().contains(only)).toList();
    if (streams.isEmpty()) {
      throw TrimtabException.invalid("No stream's name has '%s' in it".formatted(only));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println("| stream | what happens | at 2 % | at 10 % | at 50 % | requests/s |");
    out.println("|---|---|---|---|---|---|");
    int[] alarms = new int[1];
    new DriftStudy(data, WatchSettings.defaults())
        .run(
            streams,
            (stream, result) -> {
              out.println(line(stream, result));
              out.flush();
              if (stream.kind() == Kind.CALM) {
                alarms[0] += (int) result.shares().stream().filter(s -> s.alarm() >= 0).count();
              }
            });
    out.printf("%nFalse alarms of calm streams, at all shares: %d%n", alarms[0]);
    out.flush();
    return 0;
  }

  private static String line(DriftStream stream, DriftRecord result) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %.0f |",
        stream.name(),
        stream.what(),
        result.shares().stream()
            .map(share -> cell(stream, share))
            .collect(Collectors.joining(" | ")),
        result.requests() / result.seconds());
  }

  private static String cell(DriftStream stream, Share share) {
    int onset = stream.kind() == Kind.CALM ? 0 : stream.onset();
    String warned =
        share.warning() < 0
            ? ""
            : " (warned after %d, %s)".formatted(share.warning() - onset, share.warned());
    return share.alarm() < 0
        ? "no alarm in %d read%s".formatted(share.read(), warned)
        : "after %d: %s%s".formatted(share.alarm() - onset, share.metric(), warned);
  }
}
