package io.trimtab.cli;

import io.grpc.ManagedChannel;
import io.trimtab.cli.adapters.AdaptersCommand;
import io.trimtab.cli.ask.AskCommand;
import io.trimtab.cli.bench.BenchCommand;
import io.trimtab.cli.demo.DemoCommand;
import io.trimtab.cli.drift.DriftCommand;
import io.trimtab.cli.feedback.FeedbackCommand;
import io.trimtab.cli.local.LocalEngine;
import io.trimtab.cli.local.OpenedGenerator;
import io.trimtab.cli.probes.ProbesCommand;
import io.trimtab.cli.terminal.Terminal;
import io.trimtab.cli.tune.TuneCommand;
import io.trimtab.cli.up.ServerStarter;
import io.trimtab.cli.up.UpCommand;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line's root: what is common to all commands, and the list of them. */
@Command(
    name = "trimtab",
    description =
        "Serves a vision-language model and keeps adapting it, within bounds on what it may forget.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed, or refused a value; the reason is on standard error, in one line",
      "2:the command line makes no sense; nothing was done",
      "3:the work was done, and the gate refused what came of it",
      "130:interrupted (Ctrl-C)",
      "143:told to end (SIGTERM)",
    },
    footer = {
      "  trimtab demo                    # the whole story, in minutes",
      "  trimtab doctor                  # what is wrong with this machine, and what to do",
      "  trimtab up                      # serves the bundled model on port 9000",
      "  trimtab up --model DIR          # serves a checkpoint folder",
      "  trimtab ask --image bird.png \"What color is the wing?\"",
      "  trimtab adapters upload birds DIR --activate",
      "  trimtab COMMAND --help          # all options of one command, with examples",
      "  trimtab test                    # all that CI runs but the check of the shell scripts",
      "",
      "Environment:",
      "  TRIMTAB_API_KEY      who you are to a server that asks for it",
      "  TRIMTAB_DATA         folder of all that is kept, as --data",
      "  TRIMTAB_*            other settings; trimtab.engine.max-batch is TRIMTAB_ENGINE_MAX_BATCH",
      "  TRIMTAB_STACKTRACE   1: failures with their stack traces",
      "  TRIMTAB_JAVA_HOME    the JDK to run on; TRIMTAB_JAVA_OPTS: more options for it",
      "  TRIMTAB_BUILD_ARGS   more arguments for Maven; TRIMTAB_SKIP_BUILD=1: run what is built",
      "  NO_COLOR             any value: no colours; CLICOLOR_FORCE=1: colours in pipes, too",
      "  COLUMNS              how wide help and tables are on a terminal",
    })
public final class TrimtabCommand implements Terminal.Fitted {
  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Print the stack trace of a failure (also: TRIMTAB_STACKTRACE=1).")
  private boolean stacktrace;

  /** Characters of a line of standard output; empty where nothing is to be fitted. */
  private Supplier<OptionalInt> columns = OptionalInt::empty;

  private TrimtabCommand() {}

  /**
   * The whole command line, ready to {@link CommandLine#execute}. Starts nothing by itself.
   *
   * @param starter what {@code up} hands its options to
   * @param remote connects to a server at HOST:PORT, for {@code ask --server}
   * @param channels likewise, for {@code adapters}
   * @param others commands that live elsewhere
   */
  public static CommandLine commandLine(
      ServerStarter starter,
      Function<String, OpenedGenerator> remote,
      Function<String, ManagedChannel> channels,
      CommandLine... others) {
    TrimtabCommand root = new TrimtabCommand();
    CommandLine line = new CommandLine(root);
    line.addSubcommand(new UpCommand(starter));
    line.addSubcommand(new AskCommand(LocalEngine::open, remote));
    line.addSubcommand(AdaptersCommand.line(channels));
    line.addSubcommand(FeedbackCommand.line(channels));
    line.addSubcommand(TuneCommand.line(channels));
    line.addSubcommand(DriftCommand.line(channels));
    line.addSubcommand(new DemoCommand(starter, channels));
    line.addSubcommand(ProbesCommand.line(LocalEngine::open));
    line.addSubcommand(new ImportCommand());
    line.addSubcommand(new BenchCommand());
    for (CommandLine other : others) {
      line.addSubcommand(other);
    }
    line.addSubcommand(new CompletionCommand());
    line.addSubcommand(new CommandLine.HelpCommand());
    headExamples(line);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler(Failures::usage);
    line.setExecutionExceptionHandler(
        (exception, command, parsed) ->
            Failures.failed(exception, command, root.stacktrace ? Detail.STACKTRACE : detail()));
    return line;
  }

  /**
   * Has tables and help fit the terminal that standard output is; its width is asked for when
   * something is to be fitted. Without this, and in a pipe, tables are as wide as they are.
   */
  public static CommandLine fitted(CommandLine line) {
    TrimtabCommand root = line.getCommand();
    root.columns = Terminal.standardOutput();
    return line.setUsageHelpAutoWidth(true);
  }

  @Override
  public OptionalInt columns() {
    return columns.get();
  }

  /** Every command's footer is its examples, which are there to be copied and so never broken. */
  private static void headExamples(CommandLine line) {
    String[] examples = line.getCommandSpec().usageMessage().footer();
    if (examples.length > 0) {
      line.getCommandSpec().usageMessage().footerHeading("%nExamples:%n");
      line.getHelpSectionMap()
          .put(
              UsageMessageSpec.SECTION_KEY_FOOTER,
              help -> String.join(System.lineSeparator(), examples) + System.lineSeparator());
    }
    line.getSubcommands().values().forEach(TrimtabCommand::headExamples);
  }

  private static Detail detail() {
    String wish = System.getenv("TRIMTAB_STACKTRACE");
    return wish == null || wish.isEmpty() || wish.equals("0") ? Detail.LINE : Detail.STACKTRACE;
  }

  /** How much of a failure is shown. */
  public enum Detail {
    LINE,
    STACKTRACE
  }
}
