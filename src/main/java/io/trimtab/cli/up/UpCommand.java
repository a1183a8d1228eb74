package io.trimtab.cli.up;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code trimtab up}: the server, until it is told to stop. */
@Command(
    name = "up",
    description = {
      "Starts the server and runs until it is stopped (Ctrl-C or SIGTERM).",
      "What is not given here is read from the JVM's properties, TRIMTAB_* variables, .env and"
          + " config/application.properties.",
    },
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab up                                    # the bundled model on 127.0.0.1",
      "  trimtab up --model DIR --precision int8       # a checkpoint from Hugging Face",
      "  TRIMTAB_SECURITY_API_KEYS=keys.txt trimtab up --host 0.0.0.0",
      "  TRIMTAB_KAFKA_BOOTSTRAP_SERVERS=kafka:9092 trimtab up",
      "  trimtab doctor --model DIR                    # says first what would go wrong",
    },
    sortOptions = false)
public final class UpCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private final UpOptions options = new UpOptions();

  private final ServerStarter starter;

  public UpCommand(ServerStarter starter) {
    this.starter = starter;
  }

  @Override
  public Integer call() {
    return starter.run(options.server(spec.commandLine()));
  }
}
