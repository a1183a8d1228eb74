package io.trimtab.serving.adapters;

import io.trimtab.adaptation.AfterUpload;
import io.trimtab.adaptation.NoopPolicy;
import io.trimtab.adaptation.UploadOrder;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterSnapshot.Change;
import io.trimtab.error.PlainText;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.ActivateRequest;
import io.trimtab.v1.UploadHeader;

/**
 * Reads what clients say about adapters. Each name, number and text is checked here or by the
 * record that takes it; every refusal is INVALID_ARGUMENT.
 */
public final class AdapterReader {
  static final int WORDS_CHARACTERS_MAX = 1000;

  private AdapterReader() {}

  /** The tenant's adapter of this name; empty is the default one. */
  public static AdapterId id(String tenant, String adapter) {
    String name = adapter.isEmpty() ? AdapterId.DEFAULT_NAME : adapter;
    if (!AdapterId.isName(name)) {
      throw TrimtabException.invalid(
          "adapter is %s, expected '' or %s".formatted(Quoted.of(adapter), AdapterId.SYNTAX));
    }
    return new AdapterId(tenant, name);
  }

  static UploadOrder order(String tenant, UploadHeader header) {
    return new UploadOrder(
        id(tenant, header.getAdapter()),
        words("note", header.getNote()),
        header.getAllowNoop() ? NoopPolicy.ALLOW : NoopPolicy.REFUSE,
        header.getActivate() ? AfterUpload.ACTIVATE : AfterUpload.STAGE);
  }

  static Activation activation(ActivateRequest request) {
    if (Integer.compareUnsigned(request.getCanaryPercent(), 100) > 0) {
      throw TrimtabException.invalid(
          "canary_percent is %s, expected 0 to 100"
              .formatted(Integer.toUnsignedString(request.getCanaryPercent())));
    }
    return new Activation(
        revision(request.getRevision()),
        request.getCanaryPercent(),
        request.getForce() ? Activation.Force.FORCED : Activation.Force.RESPECTING_STATE,
        reason(request.getReason()),
        version(request.getIfVersion()));
  }

  static int revision(int revision) {
    if (revision < 0) {
      throw TrimtabException.invalid(
          "revision is %s, expected at most %d"
              .formatted(Integer.toUnsignedString(revision), Integer.MAX_VALUE));
    }
    return revision;
  }

  static float scale(float scale) {
    if (!(scale >= 0 && scale <= 1)) {
      throw TrimtabException.invalid("scale is %s, expected 0 to 1".formatted(scale));
    }
    return scale;
  }

  /** Why a person changes what is served. Who did what is read from it, so it has no signature. */
  static String reason(String words) {
    if (words.startsWith(Change.BY_GOVERNOR)) {
      throw TrimtabException.invalid(
          "reason begins with '%s', expected a person's own words"
              .formatted(Change.BY_GOVERNOR.strip()));
    }
    return words("reason", words);
  }

  /** A person's words: one line, as they end up in logs and on terminals. */
  public static String words(String field, String words) {
    if (words.length() > WORDS_CHARACTERS_MAX) {
      throw TrimtabException.invalid(
          "%s has %d characters, expected at most %d"
              .formatted(field, words.length(), WORDS_CHARACTERS_MAX));
    }
    if (!PlainText.is(words)) {
      throw TrimtabException.invalid(
          "%s is %s, expected one line without control characters"
              .formatted(field, Quoted.of(words)));
    }
    return words;
  }

  private static long version(long version) {
    if (version < 0) {
      throw TrimtabException.invalid(
          "if_version is %s, expected at most %d"
              .formatted(Long.toUnsignedString(version), Long.MAX_VALUE));
    }
    return version;
  }
}
