package io.trimtab.engine;

import io.trimtab.engine.api.EncodedConversation;
import io.trimtab.engine.api.EncodedConversation.EncodedPicture;
import io.trimtab.engine.api.RawPrompt;
import io.trimtab.engine.delta.HostDelta;
import io.trimtab.engine.scheduling.HeldMemory;
import io.trimtab.engine.scheduling.PrefixKeys;
import io.trimtab.engine.vision.BoundedCache;
import io.trimtab.engine.vision.GraphCall;
import io.trimtab.engine.vision.ImageEmbeddings;
import io.trimtab.engine.vision.ImageKey;
import io.trimtab.engine.vision.MultimodalProjector;
import io.trimtab.engine.vision.PictureCache;
import io.trimtab.engine.vision.TowerFeatures;
import io.trimtab.engine.vision.VisionTower;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.image.ImagePreprocessor;
import io.trimtab.model.image.PatchedImage;
import io.trimtab.model.image.PictureDecoder;
import io.trimtab.model.image.PreparedImage;
import io.trimtab.model.image.TiledImage;
import io.trimtab.model.image.TokenSources;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.GridShape;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.Prompt;
import io.trimtab.model.text.PromptBuilder;
import io.trimtab.model.text.TokenFrame;
import io.trimtab.tensor.Floats;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a conversation: decodes pictures, makes the prompt, and has the vision tower look at what
 * it has not seen yet. Lengths are checked before the tower runs. Any number of threads.
 */
final class RequestPreparation {
  private final PictureDecoder decoder;
  private final ImagePreprocessor preprocessor;
  private final PromptBuilder prompts;
  private final VisionTower tower;
  private final MultimodalProjector projector;
  private final BoundedCache<String, TowerFeatures> features;
  private final BoundedCache<ImageKey, ImageEmbeddings> embeddings;
  private final PictureCache pictures;
  private final int sequenceTokensMax;

  RequestPreparation(
      PictureDecoder decoder,
      ImagePreprocessor preprocessor,
      PromptBuilder prompts,
      VisionTower tower,
      MultimodalProjector projector,
      BoundedCache<String, TowerFeatures> features,
      BoundedCache<ImageKey, ImageEmbeddings> embeddings,
      PictureCache pictures,
      int sequenceTokensMax) {
    this.decoder = decoder;
    this.preprocessor = preprocessor;
    this.prompts = prompts;
    this.tower = tower;
    this.projector = projector;
    this.features = features;
    this.embeddings = embeddings;
    this.pictures = pictures;
    this.sequenceTokensMax = sequenceTokensMax;
  }

  /**
   * A conversation, read.
   *
   * @param tokens the prompt's, and the continuation's after it
   * @param prefixKeys what the keys and values of the prompt's whole blocks are
   */
  record Prepared(
      Prompt prompt,
      int[] tokens,
      List<ImageEmbeddings> images,
      List<PrefixKeys.Key> prefixKeys,
      Generation.PreparationCost cost) {
    int imageTokens() {
      return prompt.images().stream().mapToInt(Prompt.ImageSpan::length).sum();
    }
  }

  /** What a conversation holds until it is read. */
  static List<HeldMemory> held(List<ChatMessage> messages) {
    return messages.stream()
        .flatMap(ChatMessage::pictures)
        .map(picture -> new HeldMemory(picture, picture.encoded().length))
        .toList();
  }

  /**
   * Reads a conversation to be continued.
   *
   * @param continuation tokens that follow the prompt already, for scoring; else empty
   * @param room tokens that must still fit behind them, 1 and above for an answer
   * @param delta whose projector the pictures pass; null for base
   * @throws TrimtabException INVALID_ARGUMENT for what can't be read or is too long
   */
  Prepared prepare(
      String tenant,
      List<ChatMessage> messages,
      String continuation,
      int room,
      @Nullable HostDelta delta) {
    int[] tokens = continuation.isEmpty() ? new int[0] : prompts.encodeContinuation(continuation);
    return prepare(tenant, messages, tokens, room, delta);
  }

  /** The same with a continuation in tokens. */
  Prepared prepare(
      String tenant,
      List<ChatMessage> messages,
      int[] continuation,
      int room,
      @Nullable HostDelta delta) {
    long start = System.nanoTime();
    List<Picture> shown = messages.stream().flatMap(ChatMessage::pictures).toList();
    List<Seen> seen = new ArrayList<>();
    long imageTokens = 0;
    for (Picture picture : shown) {
      Seen next = see(picture, delta);
      imageTokens += next.tokens();
      // Before the next one is decoded: many small files may hold many large pictures.
      requireLength("picture(s) 1 to %d have".formatted(seen.size() + 1), imageTokens, room);
      seen.add(next);
      pictures.put(tenant, picture);
    }
    int[] counts = seen.stream().mapToInt(Seen::tokens).toArray();
    Prompt prompt = prompts.build(messages, counts, seen.stream().map(Seen::grid).toList());
    int[] tokens = concatenated(prompt.tokenIds(), continuation);
    requireLength("prompt has", tokens.length, room);
    long beforeVision = System.nanoTime();
    List<ImageEmbeddings> images = new ArrayList<>();
    for (int i = 0; i < shown.size(); i++) {
      images.add(embedded(seen.get(i), delta));
    }
    long end = System.nanoTime();
    return new Prepared(
        prompt,
        tokens,
        images,
        PrefixKeys.of(prompt, images, delta),
        new Generation.PreparationCost(
            start, (beforeVision - start) / 1_000, (end - beforeVision) / 1_000));
  }

  /** Reads a prompt that is no conversation. */
  Prepared prepare(RawPrompt raw, int room, @Nullable HostDelta delta) {
    long start = System.nanoTime();
    Prompt prompt = prompt(raw);
    requireLength("prompt has", prompt.length(), room);
    return new Prepared(
        prompt,
        prompt.tokenIds(),
        List.of(),
        PrefixKeys.of(prompt, List.of(), delta),
        new Generation.PreparationCost(start, (System.nanoTime() - start) / 1_000, 0));
  }

  /** A prompt that is no conversation, of any length. */
  Prompt prompt(RawPrompt raw) {
    return switch (raw) {
      case RawPrompt.Text(String text, TokenFrame frame) -> prompts.buildRaw(text, frame);
      case RawPrompt.Tokens(List<Integer> ids) ->
          prompts.buildRaw(ids.stream().mapToInt(Integer::intValue).toArray());
    };
  }

  /** A conversation's prompt, of any length, without the pictures having been seen by the tower. */
  Prompt prompt(List<ChatMessage> messages) {
    List<Picture> shown = messages.stream().flatMap(ChatMessage::pictures).toList();
    List<Seen> seen = new ArrayList<>();
    long imageTokens = 0;
    for (Picture picture : shown) {
      Seen next = see(picture, null);
      imageTokens += next.tokens();
      requireLength("picture(s) 1 to %d have".formatted(seen.size() + 1), imageTokens, 0);
      seen.add(next);
    }
    return prompts.build(
        messages,
        seen.stream().mapToInt(Seen::tokens).toArray(),
        seen.stream().map(Seen::grid).toList());
  }

  /**
   * A conversation with the answer to learn, its pictures not projected.
   *
   * @param endToken that closes the answer
   * @throws TrimtabException INVALID_ARGUMENT for what can't be read or is too long
   */
  EncodedConversation encode(
      String tenant, List<ChatMessage> messages, String answer, int endToken) {
    List<Picture> shown = messages.stream().flatMap(ChatMessage::pictures).toList();
    List<TowerFeatures> seen = new ArrayList<>();
    long imageTokens = 0;
    for (Picture picture : shown) {
      TowerFeatures next = features(picture);
      imageTokens += next.tokens();
      requireLength("picture(s) 1 to %d have".formatted(seen.size() + 1), imageTokens, 1);
      seen.add(next);
      pictures.put(tenant, picture);
    }
    int[] counts = seen.stream().mapToInt(TowerFeatures::tokens).toArray();
    Prompt prompt =
        prompts.build(messages, counts, seen.stream().map(TowerFeatures::grid).toList());
    int[] answerTokens = concatenated(prompts.encodeContinuation(answer), new int[] {endToken});
    int[] tokens = concatenated(prompt.tokenIds(), answerTokens);
    requireLength("prompt and answer have", tokens.length, 0);
    List<EncodedPicture> encoded = new ArrayList<>();
    for (Prompt.ImageSpan span : prompt.images()) {
      Picture picture = shown.get(span.imageIndex());
      encoded.add(encoded(picture.sha256(), span, seen.get(span.imageIndex())));
    }
    return new EncodedConversation(tokens, prompt.length(), encoded);
  }

  private TowerFeatures features(Picture picture) {
    TowerFeatures known = features.get(picture.sha256());
    return known == null
        ? featured(picture.sha256(), preprocessor.prepare(decoder.decode(picture.encoded())))
        : known;
  }

  private static EncodedPicture encoded(
      String sha256, Prompt.ImageSpan span, TowerFeatures features) {
    GraphCall.Memory memory = features.features();
    float[] values = new float[Math.toIntExact(memory.shape().elements())];
    MemorySegment floats = MemorySegment.ofArray(values);
    Floats.toF32(memory.segment(), memory.dtype(), 0, floats, 0, values.length);
    TokenSources sources =
        switch (features.order()) {
          case TowerFeatures.Order.OfTokens _ -> TokenSources.inOrder(features.tokens());
          case TowerFeatures.Order.Tiled tiled -> TokenSources.packed(tiled.grid());
        };
    return new EncodedPicture(
        sha256,
        span.start(),
        span.length(),
        features.grid(),
        values,
        Math.toIntExact(memory.shape().dim(0)),
        sources.blend(),
        sources.rows(),
        sources.weights());
  }

  private Seen see(Picture picture, @Nullable HostDelta delta) {
    ImageKey key = ImageKey.of(picture.sha256(), delta);
    ImageEmbeddings projected = embeddings.get(key);
    if (projected != null) {
      return new Seen.Projected(projected);
    }
    TowerFeatures seen = features.get(picture.sha256());
    return seen == null
        ? new Seen.Prepared(key, preprocessor.prepare(decoder.decode(picture.encoded())))
        : new Seen.Featured(key, seen);
  }

  private ImageEmbeddings embedded(Seen seen, @Nullable HostDelta delta) {
    return switch (seen) {
      case Seen.Projected(ImageEmbeddings known) -> known;
      case Seen.Featured(ImageKey key, TowerFeatures known) -> projected(key, known, delta);
      case Seen.Prepared(ImageKey key, PreparedImage image) ->
          projected(key, featured(key.picture(), image), delta);
    };
  }

  /** The tower runs once for a picture that several requests bring at the same time. */
  private TowerFeatures featured(String picture, PreparedImage image) {
    synchronized (tower) {
      TowerFeatures known = features.get(picture);
      if (known != null) {
        return known;
      }
      TowerFeatures encoded = tower.encode(image);
      features.put(picture, encoded);
      return encoded;
    }
  }

  private ImageEmbeddings projected(ImageKey key, TowerFeatures seen, @Nullable HostDelta delta) {
    ImageEmbeddings known = embeddings.get(key);
    if (known != null) {
      return known;
    }
    ImageEmbeddings projected = projector.project(key, seen, delta);
    embeddings.put(key, projected);
    return projected;
  }

  private void requireLength(String what, long tokens, int room) {
    if (tokens + room > sequenceTokensMax) {
      throw TrimtabException.invalid(
          "The %s %d tokens and %d more are asked for; together at most %d fit"
              .formatted(what, tokens, room, sequenceTokensMax));
    }
  }

  private static int[] concatenated(int[] first, int[] second) {
    int[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** A picture whose tokens are counted, as far as it has come on its way to the prompt. */
  private sealed interface Seen {
    int tokens();

    GridShape grid();

    record Projected(ImageEmbeddings embeddings) implements Seen {
      @Override
      public int tokens() {
        return embeddings.tokens();
      }

      @Override
      public GridShape grid() {
        return embeddings.grid();
      }
    }

    record Featured(ImageKey key, TowerFeatures features) implements Seen {
      @Override
      public int tokens() {
        return features.tokens();
      }

      @Override
      public GridShape grid() {
        return features.grid();
      }
    }

    record Prepared(ImageKey key, PreparedImage image) implements Seen {
      @Override
      public int tokens() {
        return image.tokenCount();
      }

      @Override
      public GridShape grid() {
        return switch (image) {
          case TiledImage tiled -> new GridShape(1, tiled.tokenCount());
          case PatchedImage patched ->
              new GridShape(
                  patched.gridHeight() / patched.mergeSize(),
                  patched.gridWidth() / patched.mergeSize());
        };
      }
    }
  }
}
