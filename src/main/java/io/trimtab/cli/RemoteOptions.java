package io.trimtab.cli;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
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
      description = "Whose adapters (default: the API key's, else default).")
  @Nullable String tenant;

  @Option(
      names = "--json",
      description = "Print JSON, as protobuf maps it: 64-bit numbers are strings.")
  boolean json;

  AdapterPrinter printer(CommandSpec spec) {
    PrintWriter out = spec.commandLine().getOut();
    return json ? new AdapterPrinter.Json(out) : new AdapterPrinter.Text(out, Terminal.of(spec));
  }
}
