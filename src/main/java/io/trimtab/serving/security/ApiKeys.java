package io.trimtab.serving.security;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keys and the tenants they stand for, as a file says: a line {@code tenant=key} for each, a tenant
 * having as many as it likes; empty lines and those that begin with {@code #} say nothing. Only the
 * digests of keys are kept, so that how long a look-up takes tells nothing of a key. Immutable.
 */
final class ApiKeys {
  static final int KEY_CHARACTERS_MIN = 16;
  private static final int FILE_BYTES_MAX = 16 << 20;

  private final Map<String, String> tenantsByDigest;

  private ApiKeys(Map<String, String> tenantsByDigest) {
    this.tenantsByDigest = Map.copyOf(tenantsByDigest);
  }

  /**
   * Reads a file of at most 16 MiB.
   *
   * @throws TrimtabException INVALID_ARGUMENT for a file that can't be read, has no key, or has a
   *     line that is none; the message names the line and never a key
   */
  static ApiKeys read(Path file) {
    try {
      if (Files.size(file) > FILE_BYTES_MAX) {
        throw TrimtabException.invalid(
            "%s has %d bytes, expected at most %d"
                .formatted(file, Files.size(file), FILE_BYTES_MAX));
      }
      return of(file.toString(), Files.readAllLines(file));
    } catch (IOException e) {
      throw new TrimtabException(
          ErrorCode.INVALID_ARGUMENT,
          "%s can't be read, expected a file with a line tenant=key for each key: %s"
              .formatted(file, e),
          e);
    }
  }

  private static ApiKeys of(String file, List<String> lines) {
    Map<String, String> tenants = new HashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int equals = line.indexOf('=');
      String tenant = equals < 0 ? "" : line.substring(0, equals).strip();
      String key = line.substring(equals + 1).strip();
      if (!TenantName.is(tenant) || key.length() < KEY_CHARACTERS_MIN) {
        throw TrimtabException.invalid(
            "%s, line %d: expected tenant=key with a key of at least %d characters"
                .formatted(file, i + 1, KEY_CHARACTERS_MIN));
      }
      String other = tenants.putIfAbsent(digest(key), tenant);
      if (other != null && !other.equals(tenant)) {
        throw TrimtabException.invalid(
            "%s, line %d: the key of %s is also that of %s, expected one tenant for a key"
                .formatted(file, i + 1, tenant, other));
      }
    }
    if (tenants.isEmpty()) {
      throw TrimtabException.invalid(
          "%s has no key, expected a line tenant=key for each".formatted(file));
    }
    return new ApiKeys(tenants);
  }

  Optional<String> tenant(String key) {
    return Optional.ofNullable(tenantsByDigest.get(digest(key)));
  }

  private static String digest(String key) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
