package io.trimtab.serving.security;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Security is on: the tenant is the one that the call's API key stands for. The file of keys is
 * read again when it has changed, looked at no more than every few seconds, so keys can be added
 * and withdrawn while the server runs; a file that can't be read then leaves the keys as they were.
 */
public final class KeyedTenants implements Tenants {
  private static final Logger LOG = Logger.getLogger(KeyedTenants.class);
  private static final String SCHEME = "bearer ";
  private static final long LOOK_NANOS = Duration.ofSeconds(5).toNanos();

  private final Path file;
  private final LongSupplier nanoTime;
  private volatile ApiKeys keys;
  // Guarded by this.
  private FileTime changed;
  private volatile long looked;

  private KeyedTenants(Path file, LongSupplier nanoTime) {
    this.file = file;
    this.nanoTime = nanoTime;
    this.changed = changed(file);
    this.keys = ApiKeys.read(file);
    this.looked = nanoTime.getAsLong();
  }

  /**
   * The tenants of a file of keys.
   *
   * @throws TrimtabException INVALID_ARGUMENT for a file that can't be read or holds something else
   */
  public static KeyedTenants of(Path file) {
    return new KeyedTenants(file, System::nanoTime);
  }

  static KeyedTenants of(Path file, LongSupplier nanoTime) {
    return new KeyedTenants(file, nanoTime);
  }

  @Override
  public String of(@Nullable String authorization, @Nullable String named) {
    if (nanoTime.getAsLong() - looked >= LOOK_NANOS) {
      look();
    }
    String tenant =
        keys.tenant(key(authorization))
            .orElseThrow(() -> refused("The API key is none of this server's"));
    // Clients that choose no tenant may well say so.
    if (named != null && !named.equals(DEFAULT) && !named.equals(tenant)) {
      throw refused("The API key is not one of the tenant that x-tenant names");
    }
    return tenant;
  }

  private static String key(@Nullable String authorization) {
    if (authorization == null || !authorization.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
      throw refused("No API key, expected the header 'authorization: Bearer KEY'");
    }
    return authorization.substring(SCHEME.length()).strip();
  }

  private synchronized void look() {
    if (nanoTime.getAsLong() - looked < LOOK_NANOS) {
      return;
    }
    looked = nanoTime.getAsLong();
    try {
      FileTime now = changed(file);
      if (!now.equals(changed)) {
        keys = ApiKeys.read(file);
        changed = now;
        LOG.infof("API keys were read again from %s", file);
      }
    } catch (TrimtabException e) {
      LOG.warnf("API keys stay as they were: %s", e.getMessage());
    }
  }

  private static FileTime changed(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      throw new TrimtabException(
          ErrorCode.INVALID_ARGUMENT,
          "%s can't be read, expected a file of API keys: %s".formatted(file, e),
          e);
    }
  }

  private static TrimtabException refused(String message) {
    return new TrimtabException(ErrorCode.UNAUTHENTICATED, message);
  }
}
