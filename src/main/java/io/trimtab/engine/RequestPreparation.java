package io.trimtab.engine;

import io.trimtab.engine.api.EncodedConversation;
import io.trimtab.engine.api.EncodedConversation.EncodedPicture;
import io.trimtab.engine.api.RawPrompt;
import io.trimtab.engine.delta.HostDelta;
import io.trimtab.engine.scheduling.HeldMemory;
import io.trimtab.engine.scheduling.PrefixKeys;
import io.trimtab.engine.vision.GraphCall;
import io.trimtab.engine.vision.ImageEmbeddings;
import io.trimtab.engine.vision.PictureCache;
import io.trimtab.engine.vision.PictureEncoder;
import io.trimtab.engine.vision.TowerFeatures;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.image.TokenSources;
import io.trimtab.model.text.ChatMessage;
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
 * Prepares a conversation: counts its pictures' tokens, makes the prompt, and has the pictures
 * embedded. Lengths are checked before the vision tower runs. Any number of threads.
 */
final class RequestPreparation {
  private final PictureEncoder encoder;
  private final PromptBuilder prompts;
  private final PictureCache pictures;
  private final int sequenceTokensMax;

  /**
   * @param pictures keeps those that were read, for requests that name them by digest
   */
  RequestPreparation(
      PictureEncoder encoder, PromptBuilder prompts, PictureCache pictures, int sequenceTokensMax) {
    this.encoder = encoder;
    this.prompts = prompts;
    this.pictures = pictures;
    this.sequenceTokensMax = sequenceTokensMax;
  }

  /**
   * A conversation, prepared.
   *
   * @param tokens the prompt's, and the continuation's after it
   * @param prefixKeys what the keys and values of the prompt's whole blocks are
   */
  record Prepared(
      Prompt prompt,
      int[] tokens,
      List<ImageEmbeddings> images,
      List<PrefixKeys.Key> prefixKeys,
      Generation.PreparationCost cost) {}

  /** What a conversation holds until it is prepared. */
  static List<HeldMemory> held(List<ChatMessage> messages) {
    return messages.stream()
        .flatMap(ChatMessage::pictures)
        .map(picture -> new HeldMemory(picture, picture.encoded().length))
        .toList();
  }

  /**
   * Prepares a conversation to be continued.
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
    long start = System.nanoTime();
    PictureEncoder.Viewing viewing = viewing(tenant, messages, room, delta);
    Prompt prompt = prompts.build(messages, viewing.tokenCounts(), viewing.grids());
    return prepared(start, prompt, concatenated(prompt.tokenIds(), tokens), room, viewing, delta);
  }

  /**
   * Takes up a conversation that has been prepared before, maybe for another delta.
   *
   * @param prompt as it was then
   * @param continuation tokens that follow the prompt
   */
  Prepared prepareAgain(
      String tenant,
      List<ChatMessage> messages,
      Prompt prompt,
      int[] continuation,
      @Nullable HostDelta delta) {
    long start = System.nanoTime();
    PictureEncoder.Viewing viewing = viewing(tenant, messages, 0, delta);
    int[] counts = prompt.images().stream().mapToInt(Prompt.ImageSpan::length).toArray();
    if (!Arrays.equals(counts, viewing.tokenCounts())) {
      throw TrimtabException.invalid(
          "The prompt has pictures of %s tokens, expected %s as the conversation has"
              .formatted(Arrays.toString(counts), Arrays.toString(viewing.tokenCounts())));
    }
    return prepared(
        start, prompt, concatenated(prompt.tokenIds(), continuation), 0, viewing, delta);
  }

  private PictureEncoder.Viewing viewing(
      String tenant, List<ChatMessage> messages, int room, @Nullable HostDelta delta) {
    PictureEncoder.Viewing viewing = encoder.viewing(delta);
    messages.stream()
        .flatMap(ChatMessage::pictures)
        .forEach(
            picture -> {
              count(viewing, picture, room);
              pictures.put(tenant, picture);
            });
    return viewing;
  }

  private Prepared prepared(
      long start,
      Prompt prompt,
      int[] tokens,
      int room,
      PictureEncoder.Viewing viewing,
      @Nullable HostDelta delta) {
    requireLength("prompt has", tokens.length, room);
    long beforeVision = System.nanoTime();
    List<ImageEmbeddings> images = viewing.embeddings();
    long end = System.nanoTime();
    return new Prepared(
        prompt,
        tokens,
        images,
        PrefixKeys.of(prompt, images, delta),
        new Generation.PreparationCost(
            start, (beforeVision - start) / 1_000, (end - beforeVision) / 1_000));
  }

  /** Prepares a prompt that is no conversation. */
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
    PictureEncoder.Viewing viewing = encoder.viewing(null);
    messages.stream().flatMap(ChatMessage::pictures).forEach(picture -> count(viewing, picture, 0));
    return prompts.build(messages, viewing.tokenCounts(), viewing.grids());
  }

  private void count(PictureEncoder.Viewing viewing, Picture picture, int room) {
    viewing.add(picture);
    // Before the next one is decoded: many small files may hold many large pictures.
    requireLength("picture(s) 1 to %d have".formatted(viewing.size()), viewing.tokens(), room);
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
      TowerFeatures next = encoder.features(picture);
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
}
