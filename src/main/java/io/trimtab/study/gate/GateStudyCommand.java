package io.trimtab.study.gate;

import io.trimtab.error.TrimtabException;
import io.trimtab.study.lab.EvaluationSets.Marks;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code trimtab study gate}: what the gate makes of candidates whose worth is known. */
@Command(
    name = "gate",
    description = {
      "Trains candidates that are sound and candidates that were spoilt on purpose, and has the gate"
          + " judge them.",
      "Some 25 trainings of minutes each; killed and started again with the same folder, it goes on.",
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:no spoilt candidate was let through, and at most one sound one was refused",
      "1:it failed",
      "3:the gate erred more often"
    },
    footer = {
      "  trimtab study gate --data study-data",
      "  trimtab study gate --data study-data --only bias",
    },
    sortOptions = false)
public final class GateStudyCommand implements Callable<Integer> {
  private static final int ERRED = 3;
  private static final int SOUND_REFUSED_MAX = 1;

  @Spec private CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      required = true,
      description = "Folder for what is trained and found.")
  private Path data = Path.of("");

  @Option(
      names = "--only",
      paramLabel = "TEXT",
      description = "Only candidates whose name has this in it.")
  private String only = "";

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Updates of each training (default: ${DEFAULT-VALUE}).")
  private int steps = 450;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of PyTorch (default: ${DEFAULT-VALUE}).")
  private int threads = 1;

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<GateCandidate> candidates =
        Stream.concat(SpoiltCandidates.all(steps).stream(), SoundCandidates.all(steps).stream())
            .filter(candidate -> candidate.name().contains(only))
            .toList();
    if (candidates.isEmpty()) {
      throw TrimtabException.invalid("No candidate's name has '%s' in it".formatted(only));
    }
    Files.createDirectories(data);
    PrintWriter out = spec.commandLine().getOut();
    out.println("| candidate | fault | gate | refused by | learned | kept | seconds |");
    out.println("|---|---|---|---|---|---|---|");
    Count spoilt = new Count();
    Count sound = new Count();
    new GateStudy(data, threads)
        .run(
            candidates,
            (candidate, result) -> {
              out.println(line(candidate, result));
              out.flush();
              Count count =
                  switch (candidate.worth()) {
                    case SOUND -> sound;
                    case SPOILT -> spoilt;
                  };
              count.all++;
              count.published += result.published() ? 1 : 0;
            });
    out.printf(
        "%nLet through: %d of %d spoilt candidates, %d of %d sound ones%n",
        spoilt.published, spoilt.all, sound.published, sound.all);
    out.flush();
    boolean right = spoilt.published == 0 && sound.all - sound.published <= SOUND_REFUSED_MAX;
    return right ? 0 : ERRED;
  }

  private static final class Count {
    private int all;
    private int published;
  }

  private static String line(GateCandidate candidate, GateRecord result) {
    Marks marks = result.marks();
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %s | %s | %s | %.0f |",
        candidate.name(),
        candidate.fault(),
        result.published() ? "passes at " + result.scale() : "refused",
        result.refusedBy(),
        marks == null ? "" : change(marks.learnedBefore(), marks.learned()),
        marks == null ? "" : change(marks.keptBefore(), marks.kept()),
        result.seconds());
  }

  private static String change(double before, double after) {
    return String.format(Locale.ROOT, "%.1f → %.1f", before, after);
  }
}
