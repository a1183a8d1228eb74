package io.trimtab.adaptation.feedback;

import io.trimtab.adaptation.feedback.TenantPictures.Blob;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Removes what nobody needs any more: predictions that are too old or too many, and pictures that
 * no example, no prediction and no record of feedback that is yet to be read names. To be run every
 * few minutes by one process of those that share a store; a second one that does the same is no
 * harm. Reads a line for each picture.
 */
public final class FeedbackSweep {
  private static final System.Logger LOG = System.getLogger(FeedbackSweep.class.getName());

  private final Predictions predictions;
  private final ExampleStore examples;
  private final TenantPictures pictures;
  private final FeedbackProgress progress;

  /**
   * @param progress of whoever reads the log to which these pictures' feedback is appended
   */
  public FeedbackSweep(
      Predictions predictions,
      ExampleStore examples,
      TenantPictures pictures,
      FeedbackProgress progress) {
    this.predictions = predictions;
    this.examples = examples;
    this.pictures = pictures;
    this.progress = progress;
  }

  /**
   * Sweeps once; blocks on the disk, and on the log where pictures were appended to it.
   *
   * @throws io.trimtab.error.TrimtabException where the store fails; the next run goes on
   */
  public synchronized void run() {
    predictions.sweep();
    // Before the pictures: of what is dropped from now on, some may not be seen below.
    List<HeldPrediction> dropped = predictions.unswept();
    // Pictures first: what names one that is kept from now on may not be seen below.
    List<PictureSent> sent = pictures.all();
    List<PictureSent> appended = pictures.appended();
    Set<PictureSent> settled = settled(appended);
    // Behind the log: what is settled by now is among the examples.
    examples.refresh();
    if (!examples.complete()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Pictures stay in the store: examples that cannot be read may need them");
      return;
    }
    Set<Named> needed = needed();
    appended.stream().filter(each -> !settled.contains(each)).map(Named::of).forEach(needed::add);
    Set<String> neededBlobs =
        sent.stream()
            .filter(each -> needed.contains(Named.of(each)) || pictures.isYoung(each))
            .map(PictureSent::sha256)
            .collect(Collectors.toSet());
    Set<Named> left =
        sent.stream()
            .filter(each -> !needed.contains(Named.of(each)))
            .filter(
                each ->
                    !pictures.forget(
                        each, neededBlobs.contains(each.sha256()) ? Blob.KEEP : Blob.DELETE))
            .map(Named::of)
            .collect(Collectors.toSet());
    settled.forEach(pictures::forgetAppended);
    pictures.forgetOldTimes();
    predictions.picturesSwept(
        dropped.stream().filter(each -> named(each).noneMatch(left::contains)).toList());
  }

  /** Those whose records have all been read. */
  private Set<PictureSent> settled(List<PictureSent> appended) {
    if (appended.isEmpty()) {
      return Set.of();
    }
    return progress
        .settledUntil()
        .map(
            moment ->
                appended.stream()
                    .filter(each -> TenantPictures.isAppendedBefore(each, moment))
                    .collect(Collectors.toSet()))
        .orElse(Set.of());
  }

  private Set<Named> needed() {
    Stream<Named> byExamples =
        examples.indexed().stream()
            .flatMap(
                each ->
                    each.digests().stream()
                        .map(sha256 -> new Named(each.adapter().tenant(), sha256)));
    Stream<Named> byPredictions = predictions.held().stream().flatMap(FeedbackSweep::named);
    return Stream.concat(byExamples, byPredictions).collect(Collectors.toCollection(HashSet::new));
  }

  private static Stream<Named> named(HeldPrediction prediction) {
    return prediction.digests().stream().map(sha256 -> new Named(prediction.tenant(), sha256));
  }

  /** A tenant's picture. */
  private record Named(String tenant, String sha256) {
    static Named of(PictureSent picture) {
      return new Named(picture.tenant(), picture.sha256());
    }
  }
}
