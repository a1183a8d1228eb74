package io.trimtab.events;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.jspecify.annotations.Nullable;

/**
 * A broker in this process: one node of KRaft, on the loopback interface alone, its data in a
 * folder that survives a restart and a kill at any moment. As of any broker alone, what it has
 * acknowledged is in the operating system's hands, and a loss of power can lose the last seconds.
 *
 * <p>{@link #start} and {@link #close} take seconds and are for one thread; the rest for any.
 */
public final class EmbeddedBroker implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(EmbeddedBroker.class.getName());

  private static final String HOST = "127.0.0.1";

  private final Path folder;
  private final int wantedPort;
  private volatile @Nullable Running running;

  /** What there is between start and close. */
  private record Running(
      BrokerFolder folder, KafkaRaftServer server, BrokerHalt halt, String address) {}

  /**
   * A broker that is not started yet.
   *
   * @param folder made where it is not there
   * @param port 0 for the one of last time where that is free, else any
   */
  public EmbeddedBroker(Path folder, int port) {
    this.folder = folder;
    this.wantedPort = port;
  }

  /**
   * Starts it; clients can connect when this returns.
   *
   * @throws TrimtabException FAILED_PRECONDITION where the folder is damaged or another server's,
   *     UNAVAILABLE where the port is taken or the broker does not start
   */
  public void start() {
    if (running != null) {
      throw new IllegalStateException("The embedded broker is started already");
    }
    BrokerFolder opened = BrokerFolder.open(folder);
    try {
      int port = port(opened);
      Properties properties = properties(opened, port, freePort());
      BrokerHalt halt = BrokerHalt.install();
      KafkaRaftServer server =
          new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
      startOrEnd(server);
      opened.keepPort(port);
      running = new Running(opened, server, halt, HOST + ":" + port);
      LOG.log(System.Logger.Level.INFO, "The embedded broker listens on {0}", address());
    } catch (TrimtabException e) {
      opened.close();
      throw e;
    } catch (RuntimeException e) {
      opened.close();
      throw new TrimtabException(
          ErrorCode.UNAVAILABLE, "The embedded broker did not start: " + KafkaFailure.reason(e), e);
    }
  }

  /** {@code host:port} for clients. */
  public String address() {
    Running now = running;
    if (now == null) {
      throw new IllegalStateException("The embedded broker is not started");
    }
    return now.address();
  }

  /** Why it gave up, for instance a full disk; empty while all is well. */
  public Optional<String> failure() {
    Running now = running;
    return now == null ? Optional.empty() : now.halt().reason();
  }

  /** Ends it: what is on its way is written, and the next start is quick. */
  @Override
  public void close() {
    Running now = running;
    running = null;
    if (now == null) {
      return;
    }
    try {
      now.server().shutdown();
      now.server().awaitShutdown();
    } finally {
      now.folder().close();
    }
  }

  private static void startOrEnd(KafkaRaftServer server) {
    try {
      server.startup();
    } catch (RuntimeException e) {
      try {
        server.shutdown();
      } catch (RuntimeException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  private int port(BrokerFolder opened) {
    if (wantedPort != 0) {
      if (!isFree(wantedPort)) {
        throw new TrimtabException(
            ErrorCode.UNAVAILABLE,
            "Port %d is in use, expected a free one for the embedded broker".formatted(wantedPort));
      }
      return wantedPort;
    }
    int last = opened.lastPort();
    return last > 0 && last <= 65535 && isFree(last) ? last : freePort();
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(HOST, port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new TrimtabException(ErrorCode.UNAVAILABLE, "No port is free on " + HOST, e);
    }
  }

  static Properties properties(BrokerFolder folder, int port, int controllerPort) {
    String controller = HOST + ":" + controllerPort;
    Properties all = new Properties();
    all.put("process.roles", "broker,controller");
    all.put("node.id", Integer.toString(BrokerFolder.NODE_ID));
    all.put("controller.quorum.voters", BrokerFolder.NODE_ID + "@" + controller);
    all.put("listeners", "PLAINTEXT://%s:%d,CONTROLLER://%s".formatted(HOST, port, controller));
    all.put("advertised.listeners", "PLAINTEXT://%s:%d".formatted(HOST, port));
    all.put("controller.listener.names", BrokerFolder.CONTROLLER);
    all.put("inter.broker.listener.name", "PLAINTEXT");
    all.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    all.put("log.dirs", folder.path());
    all.put("auto.create.topics.enable", "false");
    all.put("metric.reporters", "");
    // Without it the next start waits for this one's session to end.
    all.put("controlled.shutdown.enable", "true");
    // Short, since a start after a kill waits for it; a late heartbeat is made up for by the next.
    all.put("broker.session.timeout.ms", "3000");
    all.put("broker.heartbeat.interval.ms", "500");
    // There is nobody to vote against.
    all.put("controller.quorum.election.timeout.ms", "200");
    all.put("controller.quorum.election.backoff.max.ms", "200");
    // One node, few clients: small.
    for (String topic : new String[] {"offsets.topic", "transaction.state.log"}) {
      all.put(topic + ".replication.factor", "1");
      all.put(topic + ".num.partitions", "1");
    }
    all.put("transaction.state.log.min.isr", "1");
    all.put("share.coordinator.state.topic.replication.factor", "1");
    all.put("share.coordinator.state.topic.min.isr", "1");
    all.put("share.coordinator.state.topic.num.partitions", "1");
    all.put("group.initial.rebalance.delay.ms", "0");
    all.put("log.cleaner.dedupe.buffer.size", Integer.toString(2 << 20));
    all.put("num.network.threads", "2");
    all.put("num.io.threads", "2");
    all.put("background.threads", "2");
    return all;
  }
}
