package io.trimtab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.cli.up.ServerStarter;
import io.trimtab.serving.grpc.ServerChannel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/**
 * A command as tests run it: without colours, and what it prints is kept until it is taken. Every
 * run is of a new command line; one may run on another thread while a test looks.
 */
public final class PrintedCommand {
  private static final Duration WAIT_MAX = Duration.ofSeconds(60);

  /** Between two looks; slow enough that what is done meanwhile doesn't pile up. */
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final Supplier<CommandLine> lines;
  private final List<String> front;
  private final List<String> behind;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private PrintedCommand(Supplier<CommandLine> lines, List<String> front, List<String> behind) {
    this.lines = lines;
    this.front = List.copyOf(front);
    this.behind = List.copyOf(behind);
  }

  /** A command line of the test's own; {@code lines} makes a new one for each run. */
  public static PrintedCommand of(Supplier<CommandLine> lines) {
    return new PrintedCommand(lines, List.of(), List.of());
  }

  /** {@code trimtab NAME ... --server ADDRESS}: a run is given the words between. */
  public static PrintedCommand group(String name, String address) {
    return new PrintedCommand(
        () -> TrimtabCommand.commandLine(_ -> 0, PrintedCommand::noServer, ServerChannel::open),
        List.of(name),
        List.of("--server", address));
  }

  /** All of {@code trimtab}, for tests that connect to no server: whatever does fails them. */
  public static CommandLine unconnected(ServerStarter starter, CommandLine... others) {
    return TrimtabCommand.commandLine(
        starter, PrintedCommand::noServer, PrintedCommand::noServer, others);
  }

  private static <T> T noServer(String address) {
    throw new AssertionError("No test connects to " + address);
  }

  /** A new command line that prints to here. */
  public CommandLine line() {
    return lines
        .get()
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true));
  }

  /** Runs it to its end and returns its exit code. */
  public int run(String... words) {
    List<String> arguments = new ArrayList<>(front);
    arguments.addAll(List.of(words));
    arguments.addAll(behind);
    return line().execute(arguments.toArray(String[]::new));
  }

  /** Runs it on a thread of its own. */
  public CompletableFuture<Integer> started(String... words) {
    return CompletableFuture.supplyAsync(() -> run(words), Thread::startVirtualThread);
  }

  /** Runs it with {@code --json}: the one line that it prints. It has to end well. */
  public JsonNode json(String... words) throws IOException {
    return json(0, words);
  }

  /** Likewise, but it has to end with that exit code. */
  public JsonNode json(int exit, String... words) throws IOException {
    printed();
    List<String> withJson = new ArrayList<>(List.of(words));
    withJson.add("--json");
    assertThat(run(withJson.toArray(String[]::new))).as(errorsSoFar()).isEqualTo(exit);
    String printed = printed();
    assertThat(printed).hasLineCount(1);
    return new ObjectMapper().readTree(printed);
  }

  /** Takes what was printed since it was last taken, without the blanks at its end. */
  public String printed() {
    return taken(out);
  }

  /** Likewise, of standard error. */
  public String errors() {
    return taken(err);
  }

  /** What would be taken, to the last character; it stays there. */
  public String printedSoFar() {
    return out.toString();
  }

  /** The same of standard error. */
  public String errorsSoFar() {
    return err.toString();
  }

  /**
   * Waits for what a run on another thread brings about.
   *
   * @throws AssertionError where it does not within a minute, with what was printed
   */
  public void await(BooleanSupplier reached) {
    await(reached, () -> {});
  }

  /** Likewise, and does something again and again until then. */
  public void await(BooleanSupplier reached, Runnable meanwhile) {
    long end = System.nanoTime() + WAIT_MAX.toNanos();
    while (!reached.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(
            "Waited in vain for %s; printed by then:%n%s%s".formatted(WAIT_MAX, out, err));
      }
      meanwhile.run();
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private static String taken(StringWriter writer) {
    // A command on another thread prints into it.
    synchronized (writer.getBuffer()) {
      String text = writer.toString().stripTrailing();
      writer.getBuffer().setLength(0);
      return text;
    }
  }
}
