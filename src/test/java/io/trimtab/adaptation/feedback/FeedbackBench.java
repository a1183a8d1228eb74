package io.trimtab.adaptation.feedback;

import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.store.ObjectStore;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.testing.TurnedClock;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicReference;

/** All that keeps feedback, over one object store; another one over the same is another process. */
record FeedbackBench(
    ObjectStore store,
    AdapterRegistry registry,
    TenantPictures pictures,
    Predictions predictions,
    ExampleStore examples,
    FeedbackSweep sweep,
    AtomicReference<Optional<Instant>> settledUntil) {
  static final AdapterId BIRDS = new AdapterId("acme", "birds");
  static final ServedBy SERVED_BY =
      new ServedBy("fake", "0".repeat(64), "birds", 3, "1".repeat(64), 0.5f);
  static final AdapterLimits ADAPTERS = new AdapterLimits(16, 8 << 10, 256 << 10, 3, 3);

  static FeedbackBench open(ObjectStore store, TurnedClock clock) {
    return open(store, clock, PredictionLimits.defaults(), FeedbackLimits.defaults());
  }

  static FeedbackBench open(
      ObjectStore store, Clock clock, PredictionLimits retention, FeedbackLimits limits) {
    AdapterRegistry registry = AdapterRegistry.open(store, ADAPTERS, clock);
    TenantPictures pictures = new TenantPictures(store, 1 << 20, clock);
    Predictions predictions = Predictions.open(store, pictures, retention, clock);
    ExampleStore examples =
        ExampleStore.open(store, registry, pictures, predictions, limits, clock);
    return of(store, registry, pictures, predictions, examples);
  }

  /** Of these, with a log of which nobody knows how far it was read. */
  static FeedbackBench of(
      ObjectStore store,
      AdapterRegistry registry,
      TenantPictures pictures,
      Predictions predictions,
      ExampleStore examples) {
    AtomicReference<Optional<Instant>> settledUntil = new AtomicReference<>(Optional.empty());
    return new FeedbackBench(
        store,
        registry,
        pictures,
        predictions,
        examples,
        new FeedbackSweep(
            predictions,
            examples,
            pictures,
            () -> Objects.requireNonNull(settledUntil.get(), "a moment or none")),
        settledUntil);
  }

  /** A question about the picture of that number. */
  static List<ChatMessage> asking(int picture) {
    return List.of(asking(DrawnPictures.png(picture)));
  }

  static ChatMessage asking(Picture picture) {
    return new ChatMessage(
        Role.USER, List.of(new PicturePart(picture), new TextPart("What bird is it?")));
  }

  /** A correction about the picture of that number. */
  static Feedback correction(String id, int picture, String correction) {
    return new Feedback(
        id,
        BIRDS,
        Optional.empty(),
        asking(picture),
        "A tit",
        correction,
        OptionalDouble.empty(),
        List.of("birds"));
  }

  static Feedback about(String id, String predictionId, String correction) {
    return new Feedback(
        id,
        BIRDS,
        Optional.of(predictionId),
        List.of(),
        "",
        correction,
        OptionalDouble.empty(),
        List.of());
  }

  static Feedback rating(String id, int picture, double rating) {
    return new Feedback(
        id,
        BIRDS,
        Optional.empty(),
        asking(picture),
        "A tit",
        "",
        OptionalDouble.of(rating),
        List.of());
  }

  void predict(String tenant, String predictionId, int picture) {
    predictions.keep(tenant, predictionId, "birds", asking(picture), "A tit", SERVED_BY);
  }
}
