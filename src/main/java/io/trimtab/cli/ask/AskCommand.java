package io.trimtab.cli.ask;

import io.trimtab.cli.local.LocalModel;
import io.trimtab.cli.local.ModelOptions;
import io.trimtab.cli.local.OpenedGenerator;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.error.TrimtabException;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code trimtab ask}: one question, or a chat when none is given. */
@Command(
    name = "ask",
    description = {
      "Asks the model and prints the answer as it comes.",
      "Without a question: a chat, line by line, in which /image FILE adds a picture to the next"
          + " question, /reset starts anew and /quit ends.",
    },
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab ask --image bird.png \"What color is the wing?\"",
      "  trimtab ask                                       # a chat, line by line",
      "  trimtab ask --server localhost:9000 --adapter birds@2 --image bird.png \"What species is this?\"",
      "  trimtab ask --model DIR --json \"What do you see?\" --image bird.png   # one line of JSON",
      "  trimtab ask --temperature 0.7 --seed 1 --max-tokens 50 \"Tell me about wrens.\"",
    },
    sortOptions = false)
public final class AskCommand implements Callable<Integer> {
  @Spec @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "QUESTION",
      description = "In quotes. None starts a chat.")
  @Nullable String question;

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description = "A picture for the (first) question: PNG, JPEG, WebP, GIF or BMP; repeatable.")
  List<Path> images = List.of();

  @Option(names = "--system", paramLabel = "TEXT", description = "What the model is told first.")
  @Nullable String system;

  @Option(
      names = "--adapter",
      paramLabel = "A",
      description = "base, NAME or NAME@REVISION (default: the tenant's own default).")
  String adapter = "";

  @Option(
      names = "--tenant",
      paramLabel = "T",
      description = "Who asks (default: the API key's, else default).")
  String tenant = "default";

  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      description = "Ask a running server instead of a model in this process.")
  @Nullable String server;

  @Mixin private final ModelOptions options = new ModelOptions();

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "Longest answer (default: the server's own limit).")
  int maxTokens;

  @Option(
      names = "--temperature",
      paramLabel = "X",
      description = "0 always takes the likeliest token (default: 0).")
  float temperature;

  @Option(
      names = "--top-p",
      paramLabel = "X",
      description = "Choose among the likeliest tokens of this total probability (default: 1).")
  float topP = 1;

  @Option(
      names = "--seed",
      paramLabel = "N",
      converter = UnsignedLong.class,
      description = "The same seed gives the same answer.")
  @Nullable Long seed;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "Text that ends the answer; repeatable.")
  List<String> stop = List.of();

  @Option(names = "--json", description = "Print each answer as one line of JSON.")
  boolean json;

  @Option(
      names = {"-v", "--verbose"},
      description = "Say after each answer what it took, on standard error.")
  boolean verbose;

  private final Function<LocalModel, OpenedGenerator> local;
  private final Function<String, OpenedGenerator> remote;
  private final @Nullable Reader input;

  /**
   * The command, as yet without options.
   *
   * @param local opens a model in this process
   * @param remote connects to a server at HOST:PORT
   */
  public AskCommand(
      Function<LocalModel, OpenedGenerator> local, Function<String, OpenedGenerator> remote) {
    this(local, remote, null);
  }

  /**
   * With questions from elsewhere than the terminal.
   *
   * @param input null for standard input
   */
  AskCommand(
      Function<LocalModel, OpenedGenerator> local,
      Function<String, OpenedGenerator> remote,
      @Nullable Reader input) {
    this.local = local;
    this.remote = remote;
    this.input = input;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    CommandLine line = commandLine();
    SamplingParameters sampling = sampling(line);
    Conversation conversation = new Conversation(system);
    for (Path image : images) {
      conversation.picture(Chat.picture(image));
    }
    PrintWriter err = line.getErr();
    try (OpenedGenerator opened = open(line)) {
      Dialogue dialogue =
          new Dialogue(
              conversation,
              new Asker(opened.generator(), tenant, adapter, sampling),
              json
                  ? new AnswerPrinter.Json(line.getOut())
                  : new AnswerPrinter.Streaming(line.getOut()),
              answer -> summarize(answer, err));
      if (question != null) {
        dialogue.ask(question);
        return 0;
      }
      return new Chat(dialogue, lines(), prompt(err), err).run() == 0 ? 0 : 1;
    }
  }

  private OpenedGenerator open(CommandLine line) {
    if (server == null) {
      return local.apply(options.chosen());
    }
    if (options.given()) {
      throw new ParameterException(
          line,
          "--model, --precision, --device and --data are for a model in this process: leave them"
              + " out, or --server");
    }
    return remote.apply(server);
  }

  private SamplingParameters sampling(CommandLine line) {
    try {
      return SamplingParameters.builder()
          .maxTokens(maxTokens)
          .temperature(temperature)
          .topP(topP)
          .seed(seed == null ? OptionalLong.empty() : OptionalLong.of(seed))
          .stop(stop)
          .build();
    } catch (TrimtabException e) {
      throw new ParameterException(line, String.valueOf(e.getMessage()), e);
    }
  }

  private void summarize(Answer answer, PrintWriter err) {
    if (verbose) {
      err.println(AnswerFormat.summary(answer));
      err.flush();
    }
  }

  private BufferedReader lines() {
    return new BufferedReader(
        input == null
            ? new InputStreamReader(
                System.in, Charset.forName(System.getProperty("stdin.encoding", "UTF-8")))
            : input);
  }

  private Runnable prompt(PrintWriter err) {
    Console console = System.console();
    if (input != null || console == null || !console.isTerminal()) {
      return () -> {};
    }
    return () -> {
      err.print("> ");
      err.flush();
    };
  }

  private CommandLine commandLine() {
    if (spec == null) {
      throw new IllegalStateException("The command is run by picocli, which sets its spec");
    }
    return spec.commandLine();
  }

  /** All 64 bits, as protobuf's uint64. */
  static final class UnsignedLong implements ITypeConverter<Long> {
    @Override
    public Long convert(String digits) {
      try {
        return Long.parseUnsignedLong(digits);
      } catch (NumberFormatException e) {
        throw new TypeConversionException(
            "'%s' is not a whole number from 0 to 2^64 - 1".formatted(digits));
      }
    }
  }
}
