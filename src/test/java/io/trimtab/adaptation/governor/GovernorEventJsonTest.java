package io.trimtab.adaptation.governor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.adaptation.governor.GovernorEvent.Outcome;
import io.trimtab.adapter.AdapterId;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.DriftSignal;
import io.trimtab.drift.DriftSignal.Cause;
import io.trimtab.drift.Served;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GovernorEventJsonTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    for (GovernorAction action : GovernorAction.values()) {
      for (Outcome outcome : Outcome.values()) {
        for (Cause cause : Cause.values()) {
          for (DriftLevel level : DriftLevel.values()) {
            GovernorEvent event = event(level, cause, action, outcome, 12.5);
            assertThat(reread(event)).isEqualTo(event);
          }
        }
      }
    }
  }

  /** Evidence of a detector is a product that may leave the range of a double. */
  @ParameterizedTest
  @ValueSource(
      doubles = {
        0,
        -0.1,
        1e-300,
        1e300,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.NaN
      })
  void anyNumberComesBack(double statistic) throws IOException {
    GovernorEvent event =
        event(DriftLevel.DRIFT, Cause.MODEL, GovernorAction.DAMP, Outcome.DONE, statistic);
    assertThat(reread(event)).isEqualTo(event);
  }

  @Test
  void namesAreAsTheTopicDocumentsThem() {
    ObjectNode json =
        GovernorEventJson.write(
            event(
                DriftLevel.DRIFT, Cause.MODEL, GovernorAction.QUARANTINE, Outcome.NOT_DONE, 12.5));

    List<String> names = new ArrayList<>();
    json.fieldNames().forEachRemaining(names::add);
    assertThat(names)
        .containsExactly(
            "time",
            "tenant",
            "adapter",
            "revision",
            "scale",
            "signal_time",
            "metric",
            "level",
            "statistic",
            "threshold",
            "excess",
            "cause",
            "answers",
            "detail",
            "action",
            "outcome",
            "version",
            "reason");
    assertThat(json.get("outcome").textValue()).isEqualTo("not_done");
    assertThat(json.get("action").textValue()).isEqualTo("quarantine");
    assertThat(json.get("level").textValue()).isEqualTo("drift");
    assertThat(json.get("time").textValue()).isEqualTo("2026-03-01T12:00:01.000000002Z");
    assertThat(json.get("scale").floatValue()).isEqualTo(0.7f);
  }

  @Test
  void whatLacksAFieldIsRefusedByItsName() {
    ObjectNode whole = GovernorEventJson.write(sound());
    List<String> names = new ArrayList<>();
    whole.fieldNames().forEachRemaining(names::add);
    for (String name : names) {
      ObjectNode without = whole.deepCopy();
      without.remove(name);
      // Names are made of two fields, and refused together.
      refused(without, name);
      refused(whole.deepCopy().putNull(name), name);
      ObjectNode other = whole.deepCopy();
      other.putArray(name);
      refused(other, name);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "time, yesterday",
    "signal_time, 2026-03-01",
    "revision, 3",
    "scale, 0.5",
    "statistic, many",
    "answers, 100",
    "level, DRIFT",
    "level, panic",
    "cause, weather",
    "action, dance",
    "outcome, perhaps",
    "version, ''",
  })
  void aTextOfAnotherKindIsRefused(String name, String text) {
    refused(GovernorEventJson.write(sound()).put(name, text), name);
  }

  @Test
  void aNameThatLeadsOutOfItsFolderIsRefused() {
    ObjectNode json = GovernorEventJson.write(sound()).put("tenant", "../globex");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GovernorEventJson.read(json))
        .withMessageContaining("tenant's name is malformed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "null", "3", "\"event\"", "{}"})
  void whatIsNoObjectOfItsKindIsRefused(String text) throws IOException {
    JsonNode json = JSON.readTree(text);
    assertThatIllegalArgumentException().isThrownBy(() -> GovernorEventJson.read(json));
  }

  @Test
  void fractionsAreNoCounts() {
    refused(GovernorEventJson.write(sound()).put("answers", 1.5), "answers");
    refused(GovernorEventJson.write(sound()).put("revision", 1.5), "revision");
    refused(GovernorEventJson.write(sound()).put("revision", 1L << 40), "revision");
  }

  private static void refused(JsonNode json, String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GovernorEventJson.read(json))
        .withMessageContaining(name);
  }

  private static GovernorEvent reread(GovernorEvent event) throws IOException {
    return GovernorEventJson.read(JSON.readTree(GovernorEventJson.write(event).toString()));
  }

  private static GovernorEvent sound() {
    return event(DriftLevel.DRIFT, Cause.MODEL, GovernorAction.DAMP, Outcome.DONE, 12.5);
  }

  private static GovernorEvent event(
      DriftLevel level, Cause cause, GovernorAction action, Outcome outcome, double statistic) {
    return new GovernorEvent(
        Instant.parse("2026-03-01T12:00:01.000000002Z"),
        new DriftSignal(
            Instant.parse("2026-03-01T12:00:00Z"),
            new Served(new AdapterId("acme", "birds"), 3, 0.7f),
            "numbers_bias+",
            level,
            statistic,
            20_000,
            -0.125,
            cause,
            1L << 40,
            "says \"numbers\"\nand more"),
        action,
        outcome,
        17,
        "damped \uD83D\uDC26");
  }
}
