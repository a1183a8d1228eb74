package io.trimtab.engine;

import io.trimtab.engine.api.RawPrompt;
import io.trimtab.engine.api.TokenCodec;
import io.trimtab.engine.scheduling.HeldMemory;
import io.trimtab.engine.scheduling.RequestIntake;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Prompt;
import io.trimtab.model.text.SpecialTokens;
import io.trimtab.model.text.TextTokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The tokens of an engine's own model. */
final class ServedTokens implements TokenCodec {
  private final RequestPreparation preparation;
  private final TextTokenizer tokenizer;
  private final RequestIntake intake;

  /**
   * @param intake where prompts are prepared in their turn: pictures are decoded, and a long text
   *     holds its thread in native code
   */
  ServedTokens(RequestPreparation preparation, TextTokenizer tokenizer, RequestIntake intake) {
    this.preparation = preparation;
    this.tokenizer = tokenizer;
    this.intake = intake;
  }

  @Override
  public CompletableFuture<List<Integer>> encode(String tenant, RawPrompt prompt) {
    return read(tenant, List.of(), () -> preparation.prompt(prompt));
  }

  @Override
  public CompletableFuture<List<Integer>> encode(String tenant, List<ChatMessage> messages) {
    return read(tenant, RequestPreparation.held(messages), () -> preparation.prompt(messages));
  }

  private CompletableFuture<List<Integer>> read(
      String tenant, List<HeldMemory> held, Supplier<Prompt> prompt) {
    return intake.prepare(tenant, held, () -> boxed(prompt.get().tokenIds()));
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
