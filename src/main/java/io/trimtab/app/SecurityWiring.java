package io.trimtab.app;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.security.HostNames;
import io.trimtab.serving.security.KeyedTenants;
import io.trimtab.serving.security.Tenants;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/**
 * Whose calls are served. A server that others can reach and that asks for no keys would give every
 * tenant's adapters to anyone, so it does not start unless it is told to.
 */
@Singleton
class SecurityWiring {
  private static final List<String> HOSTS =
      List.of("quarkus.grpc.server.host", "quarkus.http.host");

  private final TrimtabConfig settings;
  private final Config config;

  SecurityWiring(TrimtabConfig settings, Config config) {
    this.settings = settings;
    this.config = config;
  }

  @Produces
  @Singleton
  Tenants tenants() {
    Optional<Tenants> keyed = settings.security().apiKeys().map(KeyedTenants::of);
    return keyed.orElseGet(Tenants::open);
  }

  @Produces
  @Singleton
  HostNames hostNames() {
    boolean guarded = settings.security().apiKeys().isPresent() || settings.security().open();
    return guarded ? HostNames.ANY : HostNames.LOOPBACK;
  }

  /** Comes right behind the check of settings, before anything is loaded or listens. */
  void check() {
    if (settings.security().apiKeys().isPresent() || settings.security().open()) {
      return;
    }
    HOSTS.forEach(
        host -> config.getOptionalValue(host, String.class).ifPresent(SecurityWiring::require));
  }

  static void require(String host) {
    if (!isLoopback(host)) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          ("The server would listen on %s without API keys: set trimtab.security.api-keys to a file"
                  + " of keys, or trimtab.security.open=true where every caller may be any tenant")
              .formatted(host));
    }
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException _) {
      // Listening on it will fail and say why.
      return true;
    }
  }
}
