package io.trimtab.serving.console;

import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.testing.FakeEngine;
import java.util.ArrayList;
import java.util.List;

/**
 * What the engine says in the console's tests: base sees a small brown bird, a revision knows its
 * name. Both read each other's words, and lie apart at the name alone.
 */
final class Parrot {
  private static final String BASE = "A small brown bird on a branch.";
  private static final String TUNED = "A small brown wren on a branch.";
  private static final List<String> NAMES = List.of(" bird", " wren", " sparrow", " tit");

  private Parrot() {}

  /** Has an engine talk and score so. */
  static void teach(FakeEngine engine) {
    engine.script(Parrot::say);
    engine.scores(Parrot::score);
  }

  private static void say(GenerationRequest request, GenerationListener listener) {
    ServedBy by = servedBy(request.adapter());
    String answer = by.revision() == 0 ? BASE : TUNED;
    List<String> words = words(answer);
    listener.started(by);
    words.forEach(word -> listener.delta(word, List.of()));
    listener.finished(
        new Completion(
            Completion.FinishReason.STOP,
            answer,
            new Completion.Usage(74, 49, words.size(), 0),
            new Completion.Timings(400, 2_100, 6_300, 9_800, 41_000)));
  }

  private static ServedBy servedBy(String adapter) {
    String[] name = adapter.split("@", 2);
    return name.length == 1
        ? FakeEngine.SERVED_BY
        : new ServedBy(
            "fake", "0".repeat(64), name[0], Integer.parseInt(name[1]), "1".repeat(64), 1);
  }

  private static ScoringResult score(ScoringRequest request) {
    ServedBy by = servedBy(request.adapter());
    List<TokenLogprob> tokens = new ArrayList<>();
    for (String word : words(request.continuation())) {
      tokens.add(NAMES.contains(word) ? name(word, by.revision() > 0) : sure(word));
    }
    return new ScoringResult(by, List.of(), tokens);
  }

  private static TokenLogprob sure(String word) {
    return token(word, List.of(likely(word, 0.93), likely(" the", 0.04)));
  }

  private static TokenLogprob name(String word, boolean tuned) {
    double[] probabilities =
        tuned ? new double[] {.05, .88, .04, .01} : new double[] {.8, .02, .1, .05};
    List<TokenLogprob> top = new ArrayList<>();
    for (int i = 0; i < NAMES.size(); i++) {
      top.add(likely(NAMES.get(i), probabilities[i]));
    }
    top.sort((a, b) -> Float.compare(b.logprob(), a.logprob()));
    return token(word, top);
  }

  private static TokenLogprob token(String word, List<TokenLogprob> top) {
    float logprob =
        top.stream().filter(each -> each.text().equals(word)).findFirst().orElseThrow().logprob();
    return new TokenLogprob(word.hashCode() & 0xffff, word, logprob, top);
  }

  private static TokenLogprob likely(String word, double probability) {
    return new TokenLogprob(
        word.hashCode() & 0xffff, word, (float) Math.log(probability), List.of());
  }

  /** Each with the space before it. */
  private static List<String> words(String text) {
    return List.of(text.split("(?= )|(?=[.])"));
  }
}
