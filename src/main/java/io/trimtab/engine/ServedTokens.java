package io.trimtab.engine;

import io.trimtab.engine.api.RawPrompt;
import io.trimtab.engine.api.TokenCodec;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.SpecialTokens;
import io.trimtab.model.text.TextTokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** The tokens of an engine's own model. */
final class ServedTokens implements TokenCodec {
  private final RequestPreparation preparation;
  private final TextTokenizer tokenizer;
  private final Executor reading;

  /**
   * @param reading where conversations are read, since their pictures are decoded
   */
  ServedTokens(RequestPreparation preparation, TextTokenizer tokenizer, Executor reading) {
    this.preparation = preparation;
    this.tokenizer = tokenizer;
    this.reading = reading;
  }

  @Override
  public List<Integer> encode(RawPrompt prompt) {
    return boxed(preparation.prompt(prompt).tokenIds());
  }

  @Override
  public CompletableFuture<List<Integer>> encode(List<ChatMessage> messages) {
    return CompletableFuture.supplyAsync(
        () -> boxed(preparation.prompt(messages).tokenIds()), reading);
  }

  @Override
  public String decode(List<Integer> tokens) {
    return tokenizer.decode(
        tokens.stream().mapToInt(Integer::intValue).toArray(), SpecialTokens.KEEP);
  }

  @Override
  public String textOf(int token) {
    return tokenizer.textOf(token);
  }

  @Override
  public byte[] bytesOf(int token) {
    return tokenizer.isSpecial(token)
        ? tokenizer.textOf(token).getBytes(StandardCharsets.UTF_8)
        : tokenizer.bytesOf(token);
  }

  private static List<Integer> boxed(int[] ids) {
    return Arrays.stream(ids).boxed().toList();
  }
}
