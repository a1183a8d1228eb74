package io.trimtab.cli;

import io.grpc.ManagedChannel;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line's root: what is common to all commands, and the list of them. */
@Command(
    name = "trimtab",
    description = "Serves a vision-language model and keeps adapting it without making it forget.",
    mixinStandardHelpOptions = true,
    versionProvider = ProgramVersion.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:it worked", "1:it failed", "2:the command line makes no sense"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  trimtab demo                    the whole story, in minutes",
      "  trimtab up                      serves the bundled model on port 9000",
      "  trimtab up --model DIR          serves a checkpoint folder",
      "  trimtab ask --image bird.png \"What color is the wing?\"",
      "  trimtab adapters upload birds DIR --activate",
      "  trimtab COMMAND --help          shows all options of one command",
      "  trimtab test                    runs everything that CI runs, from the sources",
    })
public final class TrimtabCommand {
  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Print the stack trace of a failure (also: TRIMTAB_STACKTRACE=1).")
  private boolean stacktrace;

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
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler(Failures::usage);
    line.setExecutionExceptionHandler(
        (exception, command, parsed) ->
            Failures.failed(exception, command, root.stacktrace ? Detail.STACKTRACE : detail()));
    return line;
  }

  private static Detail detail() {
    String wish = System.getenv("TRIMTAB_STACKTRACE");
    return wish == null || wish.isEmpty() || wish.equals("0") ? Detail.LINE : Detail.STACKTRACE;
  }

  /** How much of a failure is shown. */
  enum Detail {
    LINE,
    STACKTRACE
  }
}
