package io.trimtab.serving.openinference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import inference.InferParameter;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One request parameter. Clients differ in how they send a number: in any of the protocol's types,
 * or spelled in a string; whatever keeps the value is taken. Every refusal is INVALID_ARGUMENT.
 */
record ParameterValue(String name, InferParameter value) {
  /** Longer numbers are none. */
  private static final int NUMBER_CHARACTERS_MAX = 64;

  private static final String ARRAY_START = "[";

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /** A number of 0 and above that fits an int. */
  int count() {
    long number = whole("a whole number from 0");
    if (number < 0 || number > Integer.MAX_VALUE) {
      throw refusal("0 to " + Integer.MAX_VALUE);
    }
    return (int) number;
  }

  /** Microseconds from 0. */
  long micros() {
    String expected = "a whole number of microseconds from 0";
    long micros = whole(expected);
    if (micros < 0) {
      throw refusal(expected);
    }
    return micros;
  }

  /** Any whole number; one above 2^63 comes as the negative number with its bits. */
  long bits() {
    return whole("a whole number");
  }

  float number() {
    return switch (value.getParameterChoiceCase()) {
      case DOUBLE_PARAM -> (float) value.getDoubleParam();
      case INT64_PARAM, UINT64_PARAM -> (float) whole("a number");
      case STRING_PARAM -> spelledNumber(value.getStringParam());
      case BOOL_PARAM, PARAMETERCHOICE_NOT_SET -> throw refusal("a number");
    };
  }

  boolean flag() {
    return switch (value.getParameterChoiceCase()) {
      case BOOL_PARAM -> value.getBoolParam();
      case STRING_PARAM -> spelledFlag(value.getStringParam());
      case INT64_PARAM, UINT64_PARAM, DOUBLE_PARAM, PARAMETERCHOICE_NOT_SET ->
          throw refusal("true or false");
    };
  }

  /** One text, or those of a JSON array of texts. */
  List<String> texts() {
    if (!value.hasStringParam()) {
      throw refusal("a string");
    }
    String text = value.getStringParam();
    return array(text)
        .filter(values -> values.valueStream().allMatch(JsonNode::isTextual))
        .map(values -> values.valueStream().map(JsonNode::textValue).toList())
        .orElse(List.of(text));
  }

  /** One number of 0 and above, or those of a JSON array of numbers. */
  List<Integer> counts() {
    Optional<JsonNode> array =
        value.hasStringParam() ? array(value.getStringParam()) : Optional.empty();
    if (array.isEmpty()) {
      return List.of(count());
    }
    List<Integer> counts = new ArrayList<>();
    for (JsonNode each : array.get()) {
      if (!each.isIntegralNumber() || !each.canConvertToInt() || each.intValue() < 0) {
        throw refusal("an array of whole numbers from 0");
      }
      counts.add(each.intValue());
    }
    return counts;
  }

  private long whole(String expected) {
    return switch (value.getParameterChoiceCase()) {
      case INT64_PARAM -> value.getInt64Param();
      case UINT64_PARAM -> value.getUint64Param();
      case DOUBLE_PARAM -> {
        long number = (long) value.getDoubleParam();
        if (number != value.getDoubleParam()) {
          throw refusal(expected);
        }
        yield number;
      }
      case STRING_PARAM -> spelledWhole(value.getStringParam(), expected);
      case BOOL_PARAM, PARAMETERCHOICE_NOT_SET -> throw refusal(expected);
    };
  }

  private long spelledWhole(String text, String expected) {
    if (text.length() > NUMBER_CHARACTERS_MAX) {
      throw refusal(expected);
    }
    try {
      return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
    } catch (NumberFormatException _) {
      throw refusal(expected);
    }
  }

  private float spelledNumber(String text) {
    // Java also reads "1f" and " 1"; nobody else would.
    boolean plain = text.length() <= NUMBER_CHARACTERS_MAX && text.matches("[-+0-9.eE]+");
    try {
      if (plain) {
        return Float.parseFloat(text);
      }
    } catch (NumberFormatException _) {
      // No number, as the rest.
    }
    throw refusal("a number");
  }

  private boolean spelledFlag(String text) {
    return switch (text) {
      case "true", "True" -> true;
      case "false", "False" -> false;
      default -> throw refusal("true or false");
    };
  }

  /** What is a JSON array; a text that begins like one and is none is a text. */
  private static Optional<JsonNode> array(String text) {
    if (!text.startsWith(ARRAY_START)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readTree(text)).filter(JsonNode::isArray);
    } catch (JsonProcessingException _) {
      return Optional.empty();
    }
  }

  private TrimtabException refusal(String expected) {
    return TrimtabException.invalid(
        "The parameter %s is %s, expected %s".formatted(Quoted.of(name), came(), expected));
  }

  private String came() {
    return switch (value.getParameterChoiceCase()) {
      case BOOL_PARAM -> String.valueOf(value.getBoolParam());
      case INT64_PARAM -> String.valueOf(value.getInt64Param());
      case UINT64_PARAM -> Long.toUnsignedString(value.getUint64Param());
      case DOUBLE_PARAM -> String.valueOf(value.getDoubleParam());
      case STRING_PARAM -> Quoted.of(value.getStringParam());
      case PARAMETERCHOICE_NOT_SET -> "without a value";
    };
  }
}
