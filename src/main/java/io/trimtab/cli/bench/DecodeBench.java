package io.trimtab.cli.bench;

import io.trimtab.engine.Engine;
import io.trimtab.engine.api.EngineStatistics;
import io.trimtab.engine.api.ResponseFormat;
import io.trimtab.engine.api.ServedBy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Runs rounds of equal requests through an engine and reads its counters around each. Where answers
 * of several forms are compared, they take turns.
 */
final class DecodeBench {
  /** A list of objects that is longer than any answer. */
  static final ResponseFormat JSON =
      new ResponseFormat.JsonSchema(
          """
          {"type": "array", "minItems": 100000, "items": {"type": "object",
            "properties": {"name": {"type": "string", "maxLength": 24},
              "count": {"type": "integer", "minimum": 0, "maximum": 1000},
              "color": {"enum": ["red", "green", "blue", "yellow"]},
              "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 4}},
            "required": ["name", "count", "color"], "additionalProperties": false}}""");

  /**
   * Medians over the rounds of one batch.
   *
   * @param answer form of the answers
   * @param stepMicros one decode step, from planning to the last token handed out
   * @param outsideMicros the part of it outside ONNX Runtime's run call
   */
  record Row(
      int batch,
      String answer,
      double decodeTokensPerSecond,
      double stepMicros,
      double outsideMicros,
      double prefillTokensPerSecond) {}

  private final Engine engine;
  private final Map<String, BenchRequests> requests = new LinkedHashMap<>();
  private final int warmups;

  /**
   * @param warmups rounds before the first counted one of each batch, for the JVM to compile
   * @param temperature 0 is greedy
   * @param forms of answers by name
   */
  DecodeBench(
      Engine engine,
      int promptTokens,
      int tokens,
      int warmups,
      float temperature,
      Map<String, ResponseFormat> forms) {
    this.engine = engine;
    this.warmups = warmups;
    forms.forEach(
        (name, form) ->
            requests.put(name, new BenchRequests(engine, promptTokens, tokens, temperature, form)));
  }

  List<Row> measure(int batch, int rounds) throws InterruptedException {
    Map<String, List<EngineStatistics>> counted = new LinkedHashMap<>();
    for (int i = 0; i < warmups + rounds; i++) {
      for (Map.Entry<String, BenchRequests> form : requests.entrySet()) {
        EngineStatistics before = engine.statistics();
        form.getValue().ask(Collections.nCopies(batch, ServedBy.BASE));
        if (i >= warmups) {
          counted
              .computeIfAbsent(form.getKey(), _ -> new ArrayList<>())
              .add(engine.statistics().since(before));
        }
      }
    }
    return requests.keySet().stream()
        .map(form -> row(batch, form, counted.getOrDefault(form, List.of())))
        .toList();
  }

  private static Row row(int batch, String form, List<EngineStatistics> counted) {
    return new Row(
        batch,
        form,
        median(counted, round -> round.decodedTokens() / (round.decodeNanos() / 1e9)),
        median(counted, round -> round.decodeNanos() / 1e3 / round.decodeSteps()),
        median(
            counted,
            round -> (round.decodeNanos() - round.decodeRunNanos()) / 1e3 / round.decodeSteps()),
        median(counted, round -> round.prefilledTokens() / (round.prefillNanos() / 1e9)));
  }

  private static double median(
      List<EngineStatistics> rounds, ToDoubleFunction<EngineStatistics> figure) {
    double[] figures = rounds.stream().mapToDouble(figure).sorted().toArray();
    return figures.length == 0 ? Double.NaN : figures[figures.length / 2];
  }
}
