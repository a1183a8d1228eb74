package io.trimtab.adaptation.feedback;

import io.trimtab.adapter.AdapterId;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.store.LineName;
import io.trimtab.store.ObjectStore;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Predictions that callers asked to retain: a line each in the store, with their pictures beside
 * them, until they are too old or others need the room. Several processes may keep and find them;
 * each counts what it has kept itself, and what the others have at {@link #sweep}.
 *
 * <p>What has to go is not found from then on. Its pictures leave the disk with the next sweep that
 * finds them old enough, so that together no more than twice the limit lies there; beyond, nothing
 * is kept before that sweep. Safe for use by many threads; calls wait for the disk.
 */
public final class Predictions {
  private static final String KIND = "predictions";

  /** So late that any retention can be added to it. */
  private static final Instant NEVER = Instant.parse("9999-01-01T00:00:00Z");

  private final ObjectStore store;
  private final TenantPictures pictures;
  private final PredictionLimits limits;
  private final Clock clock;
  private final HeldPredictions held = new HeldPredictions();

  private Predictions(
      ObjectStore store, TenantPictures pictures, PredictionLimits limits, Clock clock) {
    this.store = store;
    this.pictures = pictures;
    this.limits = limits;
    this.clock = clock;
  }

  /** Reads what is kept. */
  public static Predictions open(
      ObjectStore store, TenantPictures pictures, PredictionLimits limits, Clock clock) {
    Predictions predictions = new Predictions(store, pictures, limits, clock);
    predictions.refresh();
    return predictions;
  }

  /**
   * Keeps one; when this returns it is durable and can be found.
   *
   * @param adapterAsked as the caller named it
   * @param messages the turns before the answer
   * @throws TrimtabException RESOURCE_EXHAUSTED where there is no room for it, otherwise what the
   *     store throws
   */
  public void keep(
      String tenant,
      String predictionId,
      String adapterAsked,
      List<ChatMessage> messages,
      String answer,
      ServedBy servedBy) {
    List<Picture> shown = messages.stream().flatMap(ChatMessage::pictures).distinct().toList();
    Prediction prediction =
        new Prediction(
            tenant,
            predictionId,
            adapterAsked,
            Conversations.named(messages),
            answer,
            servedBy,
            shown.stream().mapToLong(picture -> picture.encoded().length).sum(),
            clock.instant());
    byte[] contents = KeptJson.prediction(prediction);
    requireRoom(contents.length + prediction.pictureBytes());
    shown.forEach(picture -> pictures.keep(tenant, picture));
    LineName line = line(tenant, predictionId);
    if (!store.putIfAbsent(line, 1, contents)) {
      throw new IllegalStateException("The prediction %s is kept already".formatted(predictionId));
    }
    held.add(HeldPrediction.of(line, prediction, contents.length));
    held.beyond(limits.bytesMax()).forEach(this::drop);
  }

  /** The prediction that a tenant names. */
  public FoundPrediction find(String tenant, String predictionId) {
    Optional<Prediction> kept =
        store.read(line(tenant, predictionId), 1).flatMap(KeptJson::predictionOf);
    Instant made = kept.map(Prediction::made).orElseGet(() -> timeIn(predictionId));
    // By its id alone a stranger's is too old as well: it says nothing about whose it was.
    if (isOver(made)) {
      return new FoundPrediction.Expired();
    }
    return kept.<FoundPrediction>map(FoundPrediction.Present::new)
        .orElseGet(FoundPrediction.Unknown::new);
  }

  /** All adapters that were asked for, or answered, what is held. */
  public Set<AdapterId> adapters() {
    return held.all().stream()
        .flatMap(each -> each.adapters().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Deletes what an adapter was asked, or has answered, up to a moment, as its owner deletes the
   * adapter.
   */
  public void delete(AdapterId adapter, Instant until) {
    held.all().stream()
        .filter(each -> each.adapters().contains(adapter) && !each.made().isAfter(until))
        .forEach(this::drop);
  }

  /** Deletes what is too old or too much, of all processes. */
  void sweep() {
    refresh();
    held.all().stream().filter(each -> isOver(each.made())).forEach(this::drop);
    held.beyond(limits.bytesMax()).forEach(this::drop);
  }

  /** What was dropped, and whose pictures may still be on the disk. */
  List<HeldPrediction> unswept() {
    return held.unswept();
  }

  /** The pictures of these are off the disk, or needed elsewhere. */
  void picturesSwept(List<HeldPrediction> dropped) {
    held.picturesSwept(dropped);
  }

  /** All that is held, of all tenants. */
  List<HeldPrediction> held() {
    return held.all();
  }

  /** Sees what other processes have kept and deleted. */
  public void refresh() {
    Set<LineName> there = new HashSet<>(store.lines(KIND));
    held.retain(there);
    there.removeAll(held.lines());
    for (LineName line : there) {
      store
          .read(line, 1)
          .ifPresent(
              contents ->
                  KeptJson.predictionOf(contents)
                      .ifPresent(
                          prediction ->
                              held.add(HeldPrediction.of(line, prediction, contents.length))));
    }
  }

  private void drop(HeldPrediction prediction) {
    // In this order: one that can be found is counted.
    store.deleteLine(prediction.line());
    held.remove(prediction);
  }

  private void requireRoom(long bytes) {
    if (bytes > limits.bytesMax()) {
      throw new TrimtabException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "The prediction and its pictures take %d bytes, all that are retained may take %d"
              .formatted(bytes, limits.bytesMax()));
    }
    if (held.bytesOnDisk() + bytes > 2 * limits.bytesMax()) {
      throw new TrimtabException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "Retained predictions take %d bytes until the next sweep, expected at most %d"
              .formatted(held.bytesOnDisk(), 2 * limits.bytesMax()));
    }
  }

  private boolean isOver(Instant made) {
    return !made.plus(limits.retention()).isAfter(clock.instant());
  }

  /** When a UUID of version 7 was made; never, of any other id. */
  private static Instant timeIn(String predictionId) {
    try {
      UUID id = UUID.fromString(predictionId);
      return id.version() == 7 ? Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16) : NEVER;
    } catch (IllegalArgumentException e) {
      return NEVER;
    }
  }

  private static LineName line(String tenant, String predictionId) {
    return LineName.of(KIND, tenant, predictionId);
  }
}
