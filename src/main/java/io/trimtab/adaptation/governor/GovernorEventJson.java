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
import io.trimtab.error.TrimtabException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
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
   * @throws IllegalArgumentException for anything that is none; its message names the field
   */
  public static GovernorEvent read(JsonNode json) {
    return new GovernorEvent(
        time(json, "time"),
        new DriftSignal(
            time(json, "signal_time"),
            new Served(id(json), revision(json), (float) number(json, "scale")),
            text(json, "metric"),
            one(DriftLevel.class, json, "level"),
            number(json, "statistic"),
            number(json, "threshold"),
            number(json, "excess"),
            one(Cause.class, json, "cause"),
            whole(json, "answers"),
            text(json, "detail")),
        one(GovernorAction.class, json, "action"),
        one(Outcome.class, json, "outcome"),
        whole(json, "version"),
        text(json, "reason"));
  }

  private static String small(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static <E extends Enum<E>> E one(Class<E> type, JsonNode json, String name) {
    String small = text(json, name);
    for (E each : type.getEnumConstants()) {
      if (small(each).equals(small)) {
        return each;
      }
    }
    throw none(name, "one of " + List.of(type.getEnumConstants()), json);
  }

  private static AdapterId id(JsonNode json) {
    try {
      return new AdapterId(text(json, "tenant"), text(json, "adapter"));
    } catch (TrimtabException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static Instant time(JsonNode json, String name) {
    try {
      return Instant.parse(text(json, name));
    } catch (DateTimeException e) {
      throw none(name, "a time", json);
    }
  }

  private static int revision(JsonNode json) {
    long revision = whole(json, "revision");
    if (revision < 0 || revision > Integer.MAX_VALUE) {
      throw none("revision", "0 to " + Integer.MAX_VALUE, json);
    }
    return (int) revision;
  }

  private static String text(JsonNode json, String name) {
    JsonNode value = json.path(name);
    if (!value.isTextual()) {
      throw none(name, "a text", json);
    }
    return value.textValue();
  }

  private static long whole(JsonNode json, String name) {
    JsonNode value = json.path(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw none(name, "a whole number", json);
    }
    return value.longValue();
  }

  /** JSON has no word for what is not finite: the writer puts it as a text. */
  private static double number(JsonNode json, String name) {
    JsonNode value = json.path(name);
    if (value.isNumber()) {
      return value.doubleValue();
    }
    return switch (value.asText()) {
      case "NaN" -> Double.NaN;
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> throw none(name, "a number", json);
    };
  }

  private static IllegalArgumentException none(String name, String expected, JsonNode json) {
    return new IllegalArgumentException(
        "A governor's event has %s for %s, expected %s".formatted(json.path(name), name, expected));
  }
}
