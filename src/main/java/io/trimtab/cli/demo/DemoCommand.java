package io.trimtab.cli.demo;

import io.grpc.ManagedChannel;
import io.trimtab.cli.terminal.Terminal;
import io.trimtab.cli.up.ServerOptions;
import io.trimtab.cli.up.ServerStarter;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.BundledModel;
import io.trimtab.world.Skill;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code trimtab demo}: the whole story in one process, on the real parts. */
@Command(
    name = "demo",
    description = {
      "Tells the whole story in one process, in minutes.",
      "Asks the bundled model what it cannot do, sends corrections through Kafka, tunes, gates, swaps,"
          + " asks again, and shows what was learned and what was kept.",
      "Has a broker, ports and, without --data, a store of its own, whatever is set for a server here.",
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:learned and published",
      "1:it failed",
      "3:the gate refused what was learned"
    },
    footer = {
      "  trimtab demo",
      "  trimtab demo --skill count --model dinghy-qwen",
      "  trimtab demo --data demo-data           # kept, to look at with 'trimtab up --data demo-data'",
    },
    sortOptions = false)
public final class DemoCommand implements Callable<Integer> {
  /**
   * Whatever is set for a server on this machine: the demo's corrections reach no real cluster, and
   * its consumer takes no feedback that waits in one. System properties outrank all else.
   */
  private static final Map<String, String> APART =
      Map.of(
          "trimtab.kafka.bootstrap-servers", "",
          // The rest of what a cluster's security may set says nothing then.
          "trimtab.kafka.client.security.protocol", "PLAINTEXT",
          "trimtab.role", "all",
          "trimtab.security.api-keys", "",
          "trimtab.openai.lora-folder", "",
          "trimtab.probes", "");

  /** A burst is over sooner here than a person would want it to be. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "trimtab.tuning.quiet-seconds",
          "2",
          // Nobody else is served: training may have every core.
          "trimtab.tuning.threads",
          Integer.toString(Runtime.getRuntime().availableProcessors()),
          "quarkus.log.level",
          "WARN");

  @Spec private CommandSpec spec;

  @Option(
      names = "--skill",
      paramLabel = "S",
      description = "What it learns: species, gauge, number, count or clock (default: species).")
  private String skill = "species";

  @Option(
      names = "--model",
      paramLabel = "M",
      description = "dinghy-llava or dinghy-qwen (default: dinghy-llava).")
  private String model = BundledModel.DEFAULT;

  @Option(
      names = "--corrections",
      paramLabel = "N",
      description = "How many corrections are sent (default: ${DEFAULT-VALUE}).")
  private int corrections = 400;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder to keep everything in (default: one that is deleted at the end).")
  @Nullable Path data;

  private final ServerStarter starter;
  private final Function<String, ManagedChannel> channels;

  public DemoCommand(ServerStarter starter, Function<String, ManagedChannel> channels) {
    this.starter = starter;
    this.channels = channels;
  }

  @Override
  public Integer call() throws Exception {
    if (!BundledModel.exists(model)) {
      throw TrimtabException.invalid(
          "The demo's questions are about the world of %s, got --model %s"
              .formatted(String.join(" and ", BundledModel.names()), model));
    }
    if (!Skill.tasks().contains(skill)) {
      throw TrimtabException.invalid(
          "There is no skill '%s', expected one of %s".formatted(skill, Skill.tasks()));
    }
    Skill learned = Skill.of(skill);
    Path folder = data == null ? Files.createTempDirectory("trimtab-demo-") : data;
    if (data == null) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
    }
    int port = freePort();
    APART.forEach(System::setProperty);
    SETTINGS.forEach(
        (name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
    PrintWriter out = spec.commandLine().getOut();
    out.printf("Starting %s with an embedded Kafka broker%n", model);
    out.flush();
    ServerOptions options =
        new ServerOptions(model, null, null, "127.0.0.1", port, freePort(), null, folder);
    try (DemoServer server = DemoServer.start(starter, options, channels, port)) {
      return new Demo(server.connection(), learned, corrections, out, Terminal.of(spec)).tell();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // It is in the folder of temporary files.
      System.err.println("trimtab: left behind: " + folder);
    }
  }
}
