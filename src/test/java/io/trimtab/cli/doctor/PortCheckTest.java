package io.trimtab.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.serving.RunningServer;
import io.trimtab.serving.grpc.ServerChannel;
import io.trimtab.testing.FakeEngine;
import io.trimtab.testing.FreePort;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Ports of this machine, taken by a test, by a Trimtab, and by nobody. */
final class PortCheckTest {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final Neighbour NOBODY = (host, port) -> Optional.empty();

  @Test
  void aFreePortIsStillFreeAfterwards() throws IOException {
    int port = FreePort.find();
    for (int i = 0; i < 2; i++) {
      assertThat(look("127.0.0.1", port, NOBODY))
          .isEqualTo(Finding.ok("gRPC port", "127.0.0.1:%d is free".formatted(port)));
    }
    assertThat(look("127.0.0.1", 0, NOBODY).found()).isEqualTo("any free one");
  }

  @Test
  void aTakenPortIsAFaultThatNamesTheProcess() throws IOException {
    try (ServerSocket socket = taken()) {
      Finding finding = look("127.0.0.1", socket.getLocalPort(), NOBODY);
      assertThat(finding.level()).isEqualTo(Level.FAULT);
      assertThat(finding.found()).contains("is taken by");
      if (System.getProperty("os.name").equals("Linux")) {
        assertThat(finding.found())
            .contains("process %d (java)".formatted(ProcessHandle.current().pid()));
      }
      assertThat(finding.advice()).contains("--grpc-port");
      assertThat(look("0.0.0.0", socket.getLocalPort(), NOBODY).level()).isEqualTo(Level.FAULT);
    }
  }

  @Test
  void aTrimtabIsKnownByItsModelAndAWarning() throws IOException {
    try (RunningServer server = RunningServer.start(FakeEngine.answering("yes"))) {
      int port = Integer.parseInt(server.address().split(":")[1]);
      Finding finding = look("0.0.0.0", port, new GrpcNeighbour(ServerChannel::open, BOUND));
      assertThat(finding.level()).isEqualTo(Level.WARNING);
      assertThat(finding.found()).contains("is taken by a Trimtab that serves ");
    }
  }

  @Test
  void aServerThatSpeaksNoneOfItIsNoTrimtab() throws IOException {
    try (ServerSocket silent = taken()) {
      int port = silent.getLocalPort();
      Duration soon = Duration.ofMillis(300);
      assertThat(new GrpcNeighbour(ServerChannel::open, soon).at("127.0.0.1", port)).isEmpty();
      assertThat(new HttpNeighbour(soon).at("127.0.0.1", port)).isEmpty();
    }
  }

  @Test
  void aTrimtabIsKnownByItsMetrics() throws IOException {
    assertThat(answering("# HELP x\ntrimtab_adapters 0\n")).hasValue("a Trimtab");
    assertThat(answering("# HELP x\nother_trimtab_ 0\n")).isEmpty();
  }

  @Test
  void anAddressOfAnotherMachineIsAFault() {
    // TEST-NET-1 (RFC 5737) is nobody's.
    Finding finding = look("192.0.2.1", 9000, NOBODY);
    assertThat(finding.level()).isEqualTo(Level.FAULT);
    assertThat(finding.found()).isEqualTo("192.0.2.1 is no address of this machine");
    assertThat(look("no such host", 9000, NOBODY).found()).contains("there is no address");
  }

  private static Optional<String> answering(String metrics) throws IOException {
    try (ServerSocket socket = taken()) {
      Thread.ofVirtual()
          .start(
              () -> {
                try (var connection = socket.accept();
                    var request =
                        new BufferedReader(
                            new InputStreamReader(
                                connection.getInputStream(), StandardCharsets.US_ASCII))) {
                  // A connection that is closed with something unread is reset, and may take the
                  // answer along.
                  String line = request.readLine();
                  while (line != null && !line.isEmpty()) {
                    line = request.readLine();
                  }
                  connection
                      .getOutputStream()
                      .write(
                          ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + metrics)
                              .getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                  // Then nothing is answered, and the test says so.
                }
              });
      return new HttpNeighbour(BOUND).at("127.0.0.1", socket.getLocalPort());
    }
  }

  private static ServerSocket taken() throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
    return socket;
  }

  private static Finding look(String host, int port, Neighbour neighbour) {
    return new PortCheck("gRPC", host, port, "--grpc-port", neighbour).look().getFirst();
  }
}
