package io.trimtab.cli.probes;

import io.trimtab.adaptation.gate.GateLimits;
import io.trimtab.adaptation.probes.Probe;
import io.trimtab.adaptation.probes.ProbeFolder;
import io.trimtab.adaptation.probes.ProbeSet;
import io.trimtab.cli.terminal.Terminal;
import io.trimtab.cli.terminal.TextTable;
import io.trimtab.cli.terminal.TextTable.Column;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab probes check}: whether a folder can be used, and what is in it. */
@Command(
    name = "check",
    description = "Reads a folder of probes as the server would and counts its questions by task.",
    mixinStandardHelpOptions = true,
    footer = {"  trimtab probes check PROBES"},
    sortOptions = false)
final class ProbesCheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "Folder of pictures with probes.jsonl.")
  private Path folder;

  @Override
  public Integer call() throws IOException {
    ProbeSet set = ProbeFolder.read(folder);
    PrintWriter out = spec.commandLine().getOut();
    table(set).lines(Terminal.of(spec)).forEach(out::println);
    out.flush();
    remark(set, spec.commandLine().getErr());
    return 0;
  }

  private static TextTable table(ProbeSet set) {
    TextTable table =
        new TextTable(
            Column.left("TASK"),
            Column.right("PROBES"),
            Column.right("WITH ANSWER"),
            Column.right("REHEARSAL"));
    TreeSet<String> tasks = new TreeSet<>();
    Stream.of(set.probes(), set.rehearsal())
        .flatMap(List::stream)
        .forEach(probe -> tasks.add(probe.task()));
    for (String task : tasks) {
      List<Probe> probes = of(task, set.probes());
      table.row(task, probes.size(), answered(probes), of(task, set.rehearsal()).size());
    }
    table.row("(all)", set.probes().size(), answered(set.probes()), set.rehearsal().size());
    return table;
  }

  private static List<Probe> of(String task, List<Probe> probes) {
    return probes.stream().filter(probe -> probe.task().equals(task)).toList();
  }

  private static long answered(List<Probe> probes) {
    return probes.stream().filter(probe -> probe.answer().isPresent()).count();
  }

  /** Says when the gate, as it is unless configured otherwise, will refuse for want of probes. */
  static void remark(ProbeSet set, PrintWriter err) {
    int enough = GateLimits.defaults().probesMin();
    if (set.probes().size() < enough) {
      err.println(
          "%d probes are few: the gate asks for %d that base answers as they say (trimtab.gate.probes-min)"
              .formatted(set.probes().size(), enough));
      err.flush();
    }
  }
}
