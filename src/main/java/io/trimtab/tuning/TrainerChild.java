package io.trimtab.tuning;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * One process of a trainer. What it says and that it ended is found in its inbox, in order; two
 * threads of its own read its streams. One thread owns it; {@link #wake} and {@link #kill} are for
 * any.
 */
final class TrainerChild {
  /** A trainer that says more than is listened to waits. */
  private static final int INBOX_MAX = 64;

  /** What happens to a trainer. */
  sealed interface Signal {
    record Said(TuningEvent event) implements Signal {}

    record Ended(int exitCode) implements Signal {}

    /** Nothing happened to it; its owner has something to do. */
    record Woken() implements Signal {}
  }

  private final BlockingQueue<Signal> inbox = new LinkedBlockingQueue<>(INBOX_MAX);
  private final LastLines lastLines = new LastLines();
  private final Process process;

  private TrainerChild(Process process) {
    this.process = process;
  }

  static TrainerChild start(ProcessBuilder builder) throws IOException {
    return start(builder, Thread.ofPlatform().daemon().factory());
  }

  /** The same with threads of one's own. */
  static TrainerChild start(ProcessBuilder builder, ThreadFactory threads) throws IOException {
    TrainerChild child = new TrainerChild(builder.start());
    try {
      Thread errors = child.startThread(threads, "errors", child::listenToErrors);
      child.startThread(threads, "events", () -> child.listen(errors));
    } catch (RuntimeException | Error e) {
      // Where there is no thread to be had: the process would train on with nobody to end it.
      child.kill();
      throw e;
    }
    return child;
  }

  private Thread startThread(ThreadFactory threads, String name, Runnable task) {
    Thread thread = threads.newThread(task);
    thread.setName("trainer-%d-%s".formatted(pid(), name));
    thread.start();
    return thread;
  }

  private void listenToErrors() {
    LineReader.readAll(process.getErrorStream(), lastLines::add);
  }

  private void listen(Thread errors) {
    LineReader.readAll(process.getInputStream(), this::hear);
    try {
      int exitCode = process.waitFor();
      // So that its last words are there when its end is heard of.
      errors.join(Duration.ofSeconds(1));
      inbox.put(new Signal.Ended(exitCode));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void hear(String line) {
    Optional<TuningEvent> event = TuningLines.event(line);
    if (event.isEmpty()) {
      lastLines.add(line);
      return;
    }
    try {
      inbox.put(new Signal.Said(event.get()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  long pid() {
    return process.pid();
  }

  String lastLines() {
    return lastLines.text();
  }

  /** The next signal, {@link Signal.Woken} when none came in time. */
  Signal next(long nanosMax) throws InterruptedException {
    Signal signal = inbox.poll(nanosMax, TimeUnit.NANOSECONDS);
    return signal == null ? new Signal.Woken() : signal;
  }

  /** Lets {@link #next} return soon. */
  void wake() {
    // A full inbox wakes its owner by itself.
    var _ = inbox.offer(new Signal.Woken());
  }

  /** Tells it something; one that has ended, or is about to, is not told. */
  void tell(TuningCommand command) {
    byte[] line = (TuningLines.write(command) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      OutputStream input = process.getOutputStream();
      input.write(line);
      input.flush();
    } catch (IOException e) {
      // Its end is in the inbox.
    }
  }

  /** SIGKILL, if it has not ended. */
  void kill() {
    process.destroyForcibly();
  }

  /** Lets it end by itself for a while, then kills it, and returns when it is gone. */
  void end(Duration grace) throws InterruptedException {
    if (!process.waitFor(grace)) {
      kill();
      process.waitFor();
    }
  }
}
