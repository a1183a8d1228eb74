package io.trimtab.cli.remote;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of commands that ask a running server and print what it says. */
public final class RemoteOptions {
  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      description = "The server to ask (default: ${DEFAULT-VALUE}).")
  public String server = "localhost:9000";

  @Option(
      names = "--tenant",
      paramLabel = "T",
      description = "Whose adapters (default: the API key's, else default).")
  public @Nullable String tenant;

  @Option(
      names = "--json",
      description = "Print JSON, as protobuf maps it: 64-bit numbers are strings.")
  public boolean json;
}
