package io.trimtab.adaptation;

import io.trimtab.engine.Engine;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.SamplingParameters.EndTokens;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One request and what came of it. */
final class Asked implements GenerationListener {
  private final List<TokenLogprob> tokens = new ArrayList<>();
  private final CompletableFuture<ServedBy> started = new CompletableFuture<>();
  private final CompletableFuture<List<TokenLogprob>> ended = new CompletableFuture<>();

  private Asked() {}

  /** Asks, greedily, for exactly so many tokens with the two best at each place. */
  static Asked of(
      Engine engine,
      String tenant,
      String adapter,
      String requestId,
      List<ChatMessage> messages,
      int count) {
    Asked asked = new Asked();
    engine.generate(
        new GenerationRequest(
            requestId, tenant, adapter, messages, greedy(count), Optional.empty()),
        asked);
    return asked;
  }

  static Asked of(Engine engine, String tenant, String adapter, String text) {
    return of(engine, tenant, adapter, "request", List.of(user(text)), 12);
  }

  static ChatMessage user(String text, Picture... pictures) {
    List<ContentPart> parts = new ArrayList<>();
    for (Picture picture : pictures) {
      parts.add(new PicturePart(picture));
    }
    parts.add(new TextPart(text));
    return new ChatMessage(Role.USER, parts);
  }

  private static SamplingParameters greedy(int count) {
    return new SamplingParameters(
        count,
        0,
        1,
        0,
        0,
        1,
        0,
        0,
        Map.of(),
        OptionalLong.empty(),
        List.of(),
        List.of(),
        0,
        EndTokens.IGNORE,
        2);
  }

  @Override
  public void started(ServedBy servedBy) {
    started.complete(servedBy);
  }

  @Override
  public void delta(String text, List<TokenLogprob> logprobs) {
    tokens.addAll(logprobs);
  }

  @Override
  public void finished(Completion completion) {
    ended.complete(List.copyOf(tokens));
  }

  @Override
  public void failed(TrimtabException reason) {
    started.completeExceptionally(reason);
    ended.completeExceptionally(reason);
  }

  /** What it is served by, once it is admitted. */
  CompletableFuture<ServedBy> started() {
    return started;
  }

  /** All its tokens, once it has ended. */
  CompletableFuture<List<TokenLogprob>> ended() {
    return ended;
  }

  ServedBy servedBy() throws Exception {
    return started.get(60, TimeUnit.SECONDS);
  }

  List<TokenLogprob> tokens() throws Exception {
    return ended.get(60, TimeUnit.SECONDS);
  }

  List<Integer> ids() throws Exception {
    return ids(tokens());
  }

  static List<Integer> ids(List<TokenLogprob> tokens) {
    return tokens.stream().map(TokenLogprob::token).toList();
  }
}
