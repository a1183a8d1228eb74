package io.trimtab.adaptation.feedback;

import io.trimtab.store.LineName;
import java.time.Instant;
import java.util.Comparator;
import java.util.Set;

/**
 * What has to be known of a kept prediction without reading it.
 *
 * @param bytes of its line and its pictures
 * @param pictureBytes of its pictures
 * @param digests of its pictures
 */
record HeldPrediction(
    LineName line,
    String tenant,
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
        prediction.made(),
        textBytes + prediction.pictureBytes(),
        prediction.pictureBytes(),
        Set.copyOf(Conversations.digests(prediction.conversation())));
  }
}
