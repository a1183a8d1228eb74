package io.trimtab.cli.up;

import io.trimtab.cli.local.LocalModel;
import io.trimtab.cli.local.ModelOptions;
import io.trimtab.error.TrimtabException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What is said about a server where it is started, and where it is looked at before. */
public final class UpOptions {
  @Mixin private final ModelOptions model = new ModelOptions();

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Address to listen on (default: 127.0.0.1; 0.0.0.0 is every interface).")
  private @Nullable String host;

  @Option(
      names = "--grpc-port",
      paramLabel = "N",
      description = "Port of gRPC (default: 9000; 0 is any free one).")
  private @Nullable Integer grpcPort;

  @Option(
      names = "--http-port",
      paramLabel = "N",
      description = "Port of HTTP (default: 8080; 0 is any free one).")
  private @Nullable Integer httpPort;

  @Option(
      names = "--kafka-port",
      paramLabel = "N",
      description =
          "Port of the embedded broker (default: the one it had last where that is free, else any).")
  private @Nullable Integer kafkaPort;

  /**
   * The options as the server takes them.
   *
   * @throws ParameterException for a port that is none
   */
  public ServerOptions server(CommandLine line) {
    LocalModel chosen = model.chosen();
    try {
      return new ServerOptions(
          chosen.model(),
          chosen.precision(),
          chosen.device(),
          host,
          grpcPort,
          httpPort,
          kafkaPort,
          chosen.data());
    } catch (TrimtabException e) {
      throw new ParameterException(line, String.valueOf(e.getMessage()), e);
    }
  }
}
