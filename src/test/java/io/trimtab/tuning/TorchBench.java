package io.trimtab.tuning;

import io.trimtab.adapter.RevisionSource;
import io.trimtab.engine.Engine;
import io.trimtab.engine.EngineOptions;
import io.trimtab.engine.api.EncodedConversation;
import io.trimtab.engine.api.EncodedConversation.EncodedPicture;
import io.trimtab.engine.api.ModelSelection;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.graph.WriteProgress;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.testing.ReferenceCase;
import io.trimtab.testing.Shared;
import io.trimtab.tuning.job.LoraSettings;
import io.trimtab.tuning.job.LoraSettings.Rank;
import io.trimtab.tuning.job.PictureFeatures;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.RehearsalSettings;
import io.trimtab.tuning.job.TrainingSequence;
import io.trimtab.tuning.job.TrainingSequence.PlacedPicture;
import io.trimtab.tuning.job.TrainingSequence.Split;
import io.trimtab.tuning.job.TrainingSettings;
import io.trimtab.tuning.job.TuningPlan;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A checkpoint's engine that encodes what its trained model learns, and the features it saw. */
final class TorchBench implements AutoCloseable {
  static {
    // The native library is unpacked below the build's folder, once.
    String cache = Path.of("target", "djl").toAbsolutePath().toString();
    System.setProperty("DJL_CACHE_DIR", cache);
    System.setProperty("ENGINE_CACHE_DIR", cache);
    System.setProperty("ai.djl.offline", "true");
  }

  private final String checkpoint;
  private final RotaryFrequencies frequencies;
  private final Engine engine;
  private final Map<String, PictureFeatures> pictures = new HashMap<>();

  /** A checkpoint in shared data. */
  TorchBench(String checkpoint, RotaryFrequencies frequencies) {
    this(checkpoint, frequencies, RevisionSource.none());
  }

  TorchBench(String checkpoint, RotaryFrequencies frequencies, RevisionSource revisions) {
    this.checkpoint = checkpoint;
    this.frequencies = frequencies;
    EngineOptions options = EngineOptions.defaults().withThreads(2);
    engine =
        Engine.open(
            ModelSelection.of(Shared.path(checkpoint), Path.of("target", "engine-test-data"))
                .with(frequencies),
            options,
            revisions,
            Clock.systemUTC(),
            WriteProgress.silent());
    engine.start();
  }

  Engine engine() {
    return engine;
  }

  /** The reference cases that are not an adapter's, answered by what was generated. */
  List<TrainingSequence> answered() {
    List<TrainingSequence> sequences = new ArrayList<>();
    for (ReferenceCase reference : ReferenceCase.of(checkpoint)) {
      sequences.add(
          sequence(
              reference.toString(),
              reference.messages(),
              "It is a boat, number %d.".formatted(sequences.size())));
    }
    return sequences;
  }

  TrainingSequence sequence(String id, List<ChatMessage> messages, String answer) {
    EncodedConversation encoded = encode(messages, answer);
    return sequence(id, encoded, encoded.tokens(), encoded.promptTokens());
  }

  /** The prompt alone: every token after the first is to be predicted. */
  TrainingSequence prompt(ReferenceCase reference) {
    EncodedConversation encoded = encode(reference.messages(), "x");
    int[] prompt = Arrays.copyOf(encoded.tokens(), encoded.promptTokens());
    return sequence(reference.toString(), encoded, prompt, 1);
  }

  private EncodedConversation encode(List<ChatMessage> messages, String answer) {
    try {
      return engine.encode("default", messages, answer).get(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private TrainingSequence sequence(
      String id, EncodedConversation encoded, int[] tokens, int promptTokens) {
    List<PlacedPicture> placed = new ArrayList<>();
    for (EncodedPicture picture : encoded.pictures()) {
      pictures.put(
          picture.sha256(),
          new PictureFeatures(
              picture.sha256(),
              picture.features(),
              picture.featureRows(),
              picture.blend(),
              picture.rows(),
              picture.weights()));
      placed.add(
          new PlacedPicture(picture.sha256(), picture.start(), picture.length(), picture.grid()));
    }
    return new TrainingSequence(id, Split.TRAINING, tokens, promptTokens, placed);
  }

  PictureFeatures features(String sha256) {
    return Objects.requireNonNull(pictures.get(sha256), sha256);
  }

  TuningPlan plan(Recipe recipe, LoraSettings lora) {
    return plan(recipe, lora, null);
  }

  TuningPlan plan(Recipe recipe, LoraSettings lora, @Nullable Path startFrom) {
    return plan(Shared.path(checkpoint), recipe, lora, startFrom);
  }

  /** The same for another copy of the checkpoint. */
  TuningPlan plan(Path copy, Recipe recipe, LoraSettings lora) {
    return plan(copy, recipe, lora, null);
  }

  private TuningPlan plan(Path folder, Recipe recipe, LoraSettings lora, @Nullable Path startFrom) {
    return new TuningPlan(
        folder,
        frequencies,
        recipe,
        lora,
        new TrainingSettings(1e-3, 0, 1, 10, 8, 8, 0, 10, 3, 10, 7),
        new RehearsalSettings(0, 1, 1),
        Optional.ofNullable(startFrom),
        "cpu",
        // Two threads that spin for each other are slow beyond bounds where others run too.
        1);
  }

  static LoraSettings low(int rank) {
    return new LoraSettings(rank, 2 * rank, false, Rank.LOW);
  }

  TorchModel open(TuningPlan plan) {
    return TorchModel.open(plan, this::features);
  }

  TorchModel open(TuningPlan plan, Passes passes) {
    return TorchModel.open(plan, this::features, passes);
  }

  @Override
  public void close() {
    engine.close();
  }
}
