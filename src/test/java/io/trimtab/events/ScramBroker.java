package io.trimtab.events;

import io.trimtab.testing.FreePort;
import java.io.IOException;
import java.nio.file.Path;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.security.scram.internals.ScramSaslClientProvider;
import org.apache.kafka.common.security.scram.internals.ScramSaslServerProvider;
import org.apache.kafka.common.utils.Time;

/**
 * A broker that lets in whom it has been told of, by SCRAM, and asks them again every few seconds.
 */
final class ScramBroker implements AutoCloseable {
  private static final int ITERATIONS = 4096;

  private final BrokerFolder folder;
  private final KafkaRaftServer server;
  private final int scramPort;
  private final Admin admin;
  private final List<Provider> others;

  private ScramBroker(
      BrokerFolder folder,
      KafkaRaftServer server,
      int plainPort,
      int scramPort,
      List<Provider> others) {
    this.folder = folder;
    this.others = others;
    this.server = server;
    this.scramPort = scramPort;
    this.admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + plainPort));
  }

  static ScramBroker start(Path path) throws IOException {
    BrokerFolder folder = BrokerFolder.open(path);
    int plain = FreePort.find();
    int scram = FreePort.find();
    Properties all = EmbeddedBroker.properties(folder, plain, FreePort.find());
    String listener = ",SCRAM://127.0.0.1:" + scram;
    all.merge("listeners", listener, (before, more) -> before + "" + more);
    all.merge("advertised.listeners", listener, (before, more) -> before + "" + more);
    all.merge(
        "listener.security.protocol.map",
        ",SCRAM:SASL_PLAINTEXT",
        (before, more) -> before + "" + more);
    all.put("sasl.enabled.mechanisms", "SCRAM-SHA-256");
    all.put(
        "listener.name.scram.scram-sha-256.sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required;");
    all.put("connections.max.reauth.ms", "2500");
    List<Provider> others = takeProviders();
    KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(all, false), Time.SYSTEM);
    server.startup();
    return new ScramBroker(folder, server, plain, scram, others);
  }

  /**
   * SCRAM as the JVM knows it is Kafka's of one class loader, whose classes Kafka's of another
   * refuses. A test of Quarkus that ran before leaves those of its own.
   *
   * @return those that were there
   */
  private static List<Provider> takeProviders() {
    List<Provider> others = providers();
    others.forEach(other -> Security.removeProvider(other.getName()));
    ScramSaslClientProvider.initialize();
    ScramSaslServerProvider.initialize();
    return others;
  }

  private static List<Provider> providers() {
    return Arrays.stream(Security.getProviders())
        .filter(each -> each.getName().startsWith("SASL/SCRAM "))
        .toList();
  }

  /** Where one has to say who one is. */
  String address() {
    return "127.0.0.1:" + scramPort;
  }

  /** Lets a user in by this password, and by no other. */
  void password(String user, String password) throws Exception {
    admin
        .alterUserScramCredentials(
            List.of(
                new UserScramCredentialUpsertion(
                    user,
                    new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, ITERATIONS),
                    password)))
        .all()
        .get(60, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    admin.close();
    server.shutdown();
    server.awaitShutdown();
    folder.close();
    providers().forEach(own -> Security.removeProvider(own.getName()));
    others.forEach(Security::addProvider);
  }
}
