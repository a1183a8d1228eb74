package io.trimtab.cli.doctor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.cli.terminal.ExitCodes;
import io.trimtab.cli.terminal.Terminal;
import io.trimtab.cli.terminal.TextTable;
import io.trimtab.cli.terminal.TextTable.Column;
import io.trimtab.cli.terminal.Tone;
import io.trimtab.cli.up.ServerOptions;
import io.trimtab.cli.up.UpOptions;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code trimtab doctor}: what is wrong with a machine and its settings before a server is. */
@Command(
    name = "doctor",
    description = {
      "Says what is wrong with this machine and these settings, and what to do.",
      "Looks at Java, cores, memory, the data folder, GPU, ports, broker, model, probes and settings,"
          + " and changes none of them. It takes what 'up' takes, and reads the same variables and"
          + " files.",
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:no fault; there may be warnings", "1:a fault: a server would not do well"},
    footer = {
      "  trimtab doctor",
      "  trimtab doctor --model DIR --device cuda:0",
      "  trimtab doctor --json | jq '.findings[] | select(.level != \"ok\")'",
    },
    sortOptions = false)
public final class DoctorCommand implements Callable<Integer> {
  /** A broker that is away takes the longest. */
  private static final Duration BOUND = Duration.ofSeconds(20);

  @Spec private CommandSpec spec;

  @Mixin private final UpOptions options = new UpOptions();

  @Option(names = "--json", description = "Print one JSON object in place of the table.")
  private boolean json;

  private final Function<ServerOptions, List<Check>> checks;

  /**
   * The command, as yet without options.
   *
   * @param checks those of a server with these options
   */
  public DoctorCommand(Function<ServerOptions, List<Check>> checks) {
    this.checks = checks;
  }

  @Override
  public Integer call() throws InterruptedException {
    List<Finding> findings =
        new Examination(BOUND).of(checks.apply(options.server(spec.commandLine())));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(object(findings));
    } else {
      table(findings).lines(Terminal.of(spec)).forEach(out::println);
      out.println();
      out.println(summary(findings));
    }
    out.flush();
    return count(findings, Level.FAULT) == 0 ? ExitCodes.DONE : ExitCodes.FAILED;
  }

  private static TextTable table(List<Finding> findings) {
    TextTable table =
        new TextTable(Column.left("CHECK"), Column.left("STATE"), Column.wrapped("FOUND"));
    for (Finding finding : findings) {
      table.row(
          finding.check(), tone(finding.level()).of(finding.level().wireName()), finding.found());
      if (!finding.advice().isEmpty()) {
        table.row("", "", "-> " + finding.advice());
      }
    }
    return table;
  }

  private static Tone tone(Level level) {
    return switch (level) {
      case OK -> Tone.GOOD;
      case WARNING -> Tone.WARNING;
      case FAULT -> Tone.BAD;
    };
  }

  private static String summary(List<Finding> findings) {
    long faults = count(findings, Level.FAULT);
    long warnings = count(findings, Level.WARNING);
    return faults + warnings == 0
        ? "All is well."
        : "Faults: %d. Warnings: %d.".formatted(faults, warnings);
  }

  private static ObjectNode object(List<Finding> findings) {
    ObjectNode object =
        JsonNodeFactory.instance
            .objectNode()
            .put("faults", count(findings, Level.FAULT))
            .put("warnings", count(findings, Level.WARNING));
    ArrayNode list = object.putArray("findings");
    for (Finding finding : findings) {
      list.addObject()
          .put("check", finding.check())
          .put("level", finding.level().wireName())
          .put("found", finding.found())
          .put("advice", finding.advice());
    }
    return object;
  }

  private static long count(List<Finding> findings, Level level) {
    return findings.stream().filter(finding -> finding.level() == level).count();
  }
}
