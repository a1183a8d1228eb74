package io.trimtab.adaptation.feedback;

import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterSelector;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.LineName;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What has to be known of a kept prediction without reading it.
 *
 * @param adapters of its tenant: the one that was asked for and the one that answered, base aside
 * @param bytes of its line and its pictures
 * @param pictureBytes of its pictures
 * @param digests of its pictures
 */
record HeldPrediction(
    LineName line,
    String tenant,
    Set<AdapterId> adapters,
    Instant made,
    long bytes,
    long pictureBytes,
    Set<String> digests) {
  static final Comparator<HeldPrediction> OLDEST_FIRST =
      Comparator.comparing(HeldPrediction::made).thenComparing(held -> held.line().digest());

  static HeldPrediction of(LineName line, Prediction prediction, int textBytes) {
    return new HeldPrediction(
        line,
        prediction.tenant(),
        adaptersOf(prediction),
        prediction.made(),
        textBytes + prediction.pictureBytes(),
        prediction.pictureBytes(),
        Set.copyOf(Conversations.digests(prediction.conversation())));
  }

  private static Set<AdapterId> adaptersOf(Prediction prediction) {
    return Stream.concat(
            asked(prediction.adapterAsked()).stream(), Stream.of(prediction.servedBy().adapter()))
        .filter(name -> !name.equals(AdapterId.BASE))
        .map(name -> new AdapterId(prediction.tenant(), name))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The name that was asked for, without its revision; empty for base. */
  private static Optional<String> asked(String adapter) {
    try {
      return switch (AdapterSelector.parse(adapter)) {
        case AdapterSelector.TenantDefault() -> Optional.of(AdapterId.DEFAULT_NAME);
        case AdapterSelector.Base() -> Optional.empty();
        case AdapterSelector.Served(String name) -> Optional.of(name);
        case AdapterSelector.Exact(String name, int _) -> Optional.of(name);
      };
    } catch (TrimtabException e) {
      return Optional.empty();
    }
  }
}
