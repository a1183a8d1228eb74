package io.trimtab.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Random;

/**
 * A port of this machine at which nobody listens, for tests that must know it before somebody does.
 *
 * <p>Below the ports that the system hands to clients: one that connects again and again to such a
 * port while nobody listens there can meet itself, and keep the port.
 */
public final class FreePort {
  private static final int ATTEMPTS_MAX = 100;

  private FreePort() {}

  public static int find() throws IOException {
    Random random = new Random();
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      int port = random.nextInt(20_000, 32_000);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // Taken.
      }
    }
    throw new IOException("No port between 20000 and 32000 is free");
  }
}
