package io.trimtab.engine;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.image.ImagePreprocessor;
import io.trimtab.model.image.PatchedImage;
import io.trimtab.model.image.PictureDecoder;
import io.trimtab.model.image.PreparedImage;
import io.trimtab.model.image.TiledImage;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.GridShape;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.Prompt;
import io.trimtab.model.text.PromptBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a conversation: decodes pictures, makes the prompt, and has the vision tower look at what
 * it has not seen yet. Lengths are checked before the tower runs. Any number of threads.
 */
final class RequestPreparation {
  /** Base's projector: no delta. */
  private static final String NO_DELTA = "";

  private final PictureDecoder decoder;
  private final ImagePreprocessor preprocessor;
  private final PromptBuilder prompts;
  private final VisionEncoder vision;
  private final ImageEmbeddingCache embeddings;
  private final PictureCache pictures;
  private final int sequenceTokensMax;

  RequestPreparation(
      PictureDecoder decoder,
      ImagePreprocessor preprocessor,
      PromptBuilder prompts,
      VisionEncoder vision,
      ImageEmbeddingCache embeddings,
      PictureCache pictures,
      int sequenceTokensMax) {
    this.decoder = decoder;
    this.preprocessor = preprocessor;
    this.prompts = prompts;
    this.vision = vision;
    this.embeddings = embeddings;
    this.pictures = pictures;
    this.sequenceTokensMax = sequenceTokensMax;
  }

  /**
   * A conversation, read.
   *
   * @param tokens the prompt's, and the continuation's after it
   */
  record Prepared(
      Prompt prompt, int[] tokens, List<ImageEmbeddings> images, Generation.PreparationCost cost) {
    int imageTokens() {
      return prompt.images().stream().mapToInt(Prompt.ImageSpan::length).sum();
    }
  }

  /**
   * Reads a conversation to be continued.
   *
   * @param continuation tokens that follow the prompt already, for scoring; else empty
   * @param room tokens that must still fit behind them, 1 and above for an answer
   * @throws TrimtabException INVALID_ARGUMENT for what can't be read or is too long
   */
  Prepared prepare(String tenant, List<ChatMessage> messages, String continuation, int room) {
    long start = System.nanoTime();
    List<Picture> shown = messages.stream().flatMap(ChatMessage::pictures).toList();
    List<Seen> seen = new ArrayList<>();
    long imageTokens = 0;
    for (Picture picture : shown) {
      Seen next = see(picture);
      imageTokens += next.tokens();
      // Before the next one is decoded: many small files may hold many large pictures.
      requireLength("picture(s) 1 to %d have".formatted(seen.size() + 1), imageTokens, room);
      seen.add(next);
      pictures.put(tenant, picture);
    }
    int[] counts = seen.stream().mapToInt(Seen::tokens).toArray();
    Prompt prompt = prompts.build(messages, counts, seen.stream().map(Seen::grid).toList());
    int[] tokens = prompt.tokenIds();
    if (!continuation.isEmpty()) {
      tokens = concatenated(tokens, prompts.encodeContinuation(continuation));
    }
    requireLength("prompt has", tokens.length, room);
    long beforeVision = System.nanoTime();
    List<ImageEmbeddings> images = new ArrayList<>();
    for (int i = 0; i < shown.size(); i++) {
      images.add(embedded(shown.get(i), seen.get(i)));
    }
    long end = System.nanoTime();
    return new Prepared(
        prompt,
        tokens,
        images,
        new Generation.PreparationCost(
            (beforeVision - start) / 1_000, (end - beforeVision) / 1_000));
  }

  private Seen see(Picture picture) {
    ImageEmbeddings known = embeddings.get(new ImageEmbeddingCache.Key(picture.sha256(), NO_DELTA));
    if (known != null) {
      return new Seen(known.tokens(), known.grid(), known, null);
    }
    PreparedImage prepared = preprocessor.prepare(decoder.decode(picture.encoded()));
    GridShape grid =
        switch (prepared) {
          case TiledImage tiled -> new GridShape(1, tiled.tokenCount());
          case PatchedImage patched ->
              new GridShape(
                  patched.gridHeight() / patched.mergeSize(),
                  patched.gridWidth() / patched.mergeSize());
        };
    return new Seen(prepared.tokenCount(), grid, null, prepared);
  }

  /** The tower runs once for a picture that several requests bring at the same time. */
  private ImageEmbeddings embedded(Picture picture, Seen seen) {
    if (seen.embeddings != null) {
      return seen.embeddings;
    }
    ImageEmbeddingCache.Key key = new ImageEmbeddingCache.Key(picture.sha256(), NO_DELTA);
    synchronized (vision) {
      ImageEmbeddings known = embeddings.get(key);
      if (known != null) {
        return known;
      }
      if (seen.prepared == null) {
        throw new IllegalStateException("A picture is neither embedded nor prepared");
      }
      ImageEmbeddings encoded = vision.encode(seen.prepared);
      embeddings.put(key, encoded);
      return encoded;
    }
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

  /** A picture whose tokens are counted: embedded already, or prepared for the tower. */
  private record Seen(
      int tokens,
      GridShape grid,
      @Nullable ImageEmbeddings embeddings,
      @Nullable PreparedImage prepared) {}
}
