package io.trimtab.deploy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import io.trimtab.testing.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** What k8s/ has a pod run, as a test can start it. */
public final class DeployedServer {
  private DeployedServer() {}

  /**
   * The settings of a role's pod, by the server's names. Mounted Secrets are files below the
   * folder, the data lie there too, and nobody listens at the broker's address.
   */
  public static Map<String, String> settings(String role, Path folder) {
    Overlay overlay = Overlay.of("cpu");
    Map<String, String> settings = new TreeMap<>(overlay.settings());
    Map<String, String> names = ServerSettings.byVariable();
    Overlay.environment(overlay.role(role))
        .forEach(
            (variable, value) -> {
              String name = names.get(variable);
              if (name != null) {
                settings.put(name, value);
              }
            });
    Path mounts = folder.toAbsolutePath();
    settings.replaceAll((name, value) -> value.replace("/etc/trimtab", mounts.toString()));
    settings.put("trimtab.data", mounts.resolve("data").toString());
    settings.put("trimtab.kafka.bootstrap-servers", nobodysAddress());
    write(mounts.resolve("api-keys/api-keys"), "default=0123456789abcdef0123456789abcdef\n");
    write(
        mounts.resolve("kafka-user/sasl.jaas.config"),
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"u\" password=\"p\";");
    write(mounts.resolve("kafka-ca/ca.crt"), anyCertificate());
    return settings;
  }

  /** Paths that the kubelet asks, of the start first. */
  public static List<String> probePaths(String role) {
    Container container = Overlay.container(Overlay.of("cpu").role(role));
    return Stream.of(
            container.getStartupProbe(),
            container.getReadinessProbe(),
            container.getLivenessProbe())
        .map(Probe::getHttpGet)
        .map(get -> get.getPath())
        .toList();
  }

  /** The path that Prometheus asks. */
  public static String metricsPath(String role) {
    Map<String, String> annotations =
        Overlay.of("cpu").role(role).getSpec().getTemplate().getMetadata().getAnnotations();
    return Objects.requireNonNull(annotations.get("prometheus.io/path"));
  }

  private static String nobodysAddress() {
    try {
      return "127.0.0.1:" + FreePort.find();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of an authority that Java trusts: Kafka's client wants one to read. */
  private static String anyCertificate() {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((KeyStore) null);
      Certificate any = ((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers()[0];
      return "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
          .formatted(Base64.getMimeEncoder().encodeToString(any.getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
