package io.trimtab.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** Options of commands that ask a running server and print what it says. */
final class RemoteOptions {
  @Option(
      names = "--server",
      paramLabel = "HOST:PORT",
      description = "The server to ask (default: ${DEFAULT-VALUE}).")
  String server = "localhost:9000";

  @Option(
      names = "--tenant",
      paramLabel = "T",
      description = "Whose adapters (default: ${DEFAULT-VALUE}).")
  String tenant = "default";

  @Option(
      names = "--json",
      description = "Print JSON, as protobuf maps it: 64-bit numbers are strings.")
  boolean json;

  AdapterPrinter printer(PrintWriter out) {
    return json ? new AdapterPrinter.Json(out) : new AdapterPrinter.Text(out);
  }
}
