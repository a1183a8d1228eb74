package io.trimtab.adaptation.governor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.adaptation.governor.GovernorEvent.Outcome;
import io.trimtab.adapter.AdapterId;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.DriftSignal;
import io.trimtab.drift.DriftSignal.Cause;
import io.trimtab.drift.Served;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Locale;

/**
 * A governor's event as JSON: what is written on {@code trimtab.drift} and kept on disk. Names are
 * small letters with underscores, times are ISO 8601, enumerations small letters.
 */
public final class GovernorEventJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private GovernorEventJson() {}

  public static ObjectNode write(GovernorEvent event) {
    DriftSignal signal = event.signal();
    ObjectNode json = JSON.createObjectNode();
    json.put("time", event.time().toString());
    json.put("tenant", signal.served().id().tenant());
    json.put("adapter", signal.served().id().name());
    json.put("revision", signal.served().revision());
    json.put("scale", signal.served().scale());
    json.put("signal_time", signal.time().toString());
    json.put("metric", signal.metric());
    json.put("level", small(signal.level()));
    json.put("statistic", signal.statistic());
    json.put("threshold", signal.threshold());
    json.put("excess", signal.excess());
    json.put("cause", small(signal.cause()));
    json.put("answers", signal.answers());
    json.put("detail", signal.detail());
    json.put("action", event.action().wireName());
    json.put("outcome", small(event.outcome()));
    json.put("version", event.version());
    json.put("reason", event.reason());
    return json;
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException for anything that is none
   */
  public static GovernorEvent read(JsonNode json) {
    try {
      return new GovernorEvent(
          Instant.parse(text(json, "time")),
          new DriftSignal(
              Instant.parse(text(json, "signal_time")),
              new Served(
                  new AdapterId(text(json, "tenant"), text(json, "adapter")),
                  present(json, "revision").intValue(),
                  present(json, "scale").floatValue()),
              text(json, "metric"),
              DriftLevel.valueOf(large(json, "level")),
              present(json, "statistic").doubleValue(),
              present(json, "threshold").doubleValue(),
              present(json, "excess").doubleValue(),
              Cause.valueOf(large(json, "cause")),
              present(json, "answers").longValue(),
              text(json, "detail")),
          GovernorAction.valueOf(large(json, "action")),
          Outcome.valueOf(large(json, "outcome")),
          present(json, "version").longValue(),
          text(json, "reason"));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static String small(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static String large(JsonNode json, String name) {
    return text(json, name).toUpperCase(Locale.ROOT);
  }

  private static String text(JsonNode json, String name) {
    return present(json, name).asText();
  }

  private static JsonNode present(JsonNode json, String name) {
    JsonNode value = json.get(name);
    if (value == null || !value.isValueNode()) {
      throw new IllegalArgumentException("A governor's event has no " + name);
    }
    return value;
  }
}
