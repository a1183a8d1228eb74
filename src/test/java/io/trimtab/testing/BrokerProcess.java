package io.trimtab.testing;

import io.trimtab.events.EmbeddedBroker;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** A broker in a process of its own, that a test kills and starts again on the same port. */
public final class BrokerProcess implements AutoCloseable {
  private final Path folder;
  private final int port;
  private Process process;

  private BrokerProcess(Path folder, int port, Process process) {
    this.folder = folder;
    this.port = port;
    this.process = process;
  }

  /**
   * Starts one; clients can connect when this returns.
   *
   * @param folder takes the broker's own, and the file of its options
   */
  public static BrokerProcess start(Path folder) throws IOException {
    int port = FreePort.find();
    return new BrokerProcess(folder, port, launched(folder, port));
  }

  /** {@code host:port} for clients. */
  public String address() {
    return "127.0.0.1:" + port;
  }

  /** SIGKILL. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** After a kill: the same folder, the same port. */
  public void startAgain() throws IOException {
    process = launched(folder, port);
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }

  private static Process launched(Path folder, int port) throws IOException {
    Process process =
        ChildJvm.start(
            folder,
            BrokerProcess.class,
            folder.resolve("broker").toString(),
            Integer.toString(port));
    BufferedReader lines = process.inputReader();
    String line = lines.readLine();
    while (line != null && !line.equals("ready")) {
      line = lines.readLine();
    }
    if (line == null) {
      throw new IllegalStateException("The broker ended before it was ready");
    }
    return process;
  }

  /** Arguments: folder, port. */
  public static void main(String[] arguments) throws InterruptedException {
    EmbeddedBroker broker =
        new EmbeddedBroker(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
    broker.start();
    System.out.println("ready");
    Thread.sleep(Duration.ofMinutes(20));
    broker.close();
  }
}
