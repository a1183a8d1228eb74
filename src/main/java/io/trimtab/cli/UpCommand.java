package io.trimtab.cli;

import io.trimtab.error.TrimtabException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code trimtab up}: the server, until it is told to stop. */
@Command(
    name = "up",
    description = {
      "Starts the server and runs until it is stopped (Ctrl-C or SIGTERM).",
      "What is not given here is read from TRIMTAB_* variables and from config/application.properties.",
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class UpCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "Checkpoint folder, or a bundled model: dinghy-llava, dinghy-qwen (default: dinghy-llava).")
  @Nullable String model;

  @Option(
      names = "--precision",
      paramLabel = "P",
      description = "auto, fp32, int8, int4, bf16 or fp16 (default: auto).")
  @Nullable String precision;

  @Option(
      names = "--device",
      paramLabel = "D",
      description = "auto, cpu or cuda:N (default: auto).")
  @Nullable String device;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Address to listen on (default: 127.0.0.1; 0.0.0.0 is every interface).")
  @Nullable String host;

  @Option(
      names = "--grpc-port",
      paramLabel = "N",
      description = "Port of gRPC (default: 9000; 0 is any free one).")
  @Nullable Integer grpcPort;

  @Option(
      names = "--http-port",
      paramLabel = "N",
      description = "Port of HTTP: health and metrics (default: 8080; 0 is any free one).")
  @Nullable Integer httpPort;

  @Option(
      names = "--kafka-port",
      paramLabel = "N",
      description =
          "Port of the embedded broker (default: the one it had last where that is free, else any).")
  @Nullable Integer kafkaPort;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder of what the server keeps (default: trimtab in the user's data folder, such as"
              + " ~/.local/share/trimtab).")
  @Nullable Path data;

  private final ServerStarter starter;

  UpCommand(ServerStarter starter) {
    this.starter = starter;
  }

  @Override
  public Integer call() {
    return starter.run(options());
  }

  private ServerOptions options() {
    try {
      return new ServerOptions(model, precision, device, host, grpcPort, httpPort, kafkaPort, data);
    } catch (TrimtabException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
