package io.trimtab.engine;

import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.RecordingListener;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.SamplingParameters.EndTokens;
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

/** A conversation and how it is to be answered, for tests on a real model. */
record Question(List<ChatMessage> messages, SamplingParameters sampling) {
  /** One user message: the pictures, then the text. Greedy, to an end token. */
  static Question of(String text, Picture... pictures) {
    return new Question(List.of(user(text, pictures)), SamplingParameters.greedy(40));
  }

  static ChatMessage user(String text, Picture... pictures) {
    List<ContentPart> parts = new ArrayList<>();
    for (Picture picture : pictures) {
      parts.add(new PicturePart(picture));
    }
    parts.add(new TextPart(text));
    return new ChatMessage(Role.USER, parts);
  }

  /** Greedy, exactly so many tokens, with the two best at each place. */
  Question greedy(int tokens) {
    return new Question(messages, sampling(tokens, 0, 0, 0));
  }

  /** At temperature 1, exactly so many tokens; a top_k of 0 reads whole rows of logits. */
  Question sampled(int tokens, int topK, long seed) {
    return new Question(messages, sampling(tokens, 1, topK, seed));
  }

  private static SamplingParameters sampling(int tokens, float temperature, int topK, long seed) {
    return new SamplingParameters(
        tokens,
        temperature,
        1,
        topK,
        0,
        1,
        0,
        0,
        Map.of(),
        OptionalLong.of(seed),
        List.of(),
        List.of(),
        0,
        EndTokens.IGNORE,
        2);
  }

  RecordingListener ask(Engine engine) {
    RecordingListener listener = new RecordingListener();
    ask(engine, listener);
    return listener;
  }

  RequestHandle ask(Engine engine, GenerationListener listener) {
    return ask(engine, "default", "", listener);
  }

  /** Asks an adapter of a tenant. */
  RecordingListener ask(Engine engine, String tenant, String adapter) {
    RecordingListener listener = new RecordingListener();
    ask(engine, tenant, adapter, listener);
    return listener;
  }

  RequestHandle ask(Engine engine, String tenant, String adapter, GenerationListener listener) {
    return engine.generate(
        new GenerationRequest("request", tenant, adapter, messages, sampling, Optional.empty()),
        listener);
  }
}
