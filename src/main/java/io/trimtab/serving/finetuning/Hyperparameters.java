package io.trimtab.serving.finetuning;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.adaptation.job.OrderedTraining;
import io.trimtab.error.Quoted;
import io.trimtab.serving.http.FieldException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's hyperparameters as they came; {@code auto} is the same as none.
 *
 * @param place the path that they were found at, as a refusal names it
 */
record Hyperparameters(JsonNode given, String place) {
  static final Set<String> FIELDS = Set.of("n_epochs", "learning_rate_multiplier", "batch_size");

  @Nullable Integer whole(String field, int max) {
    JsonNode value = given.path(field);
    if (isAuto(value)) {
      return null;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < 1
        || value.intValue() > max) {
      throw refused(field, value, "auto or 1 to " + max);
    }
    return value.intValue();
  }

  @Nullable Double multiplier(String field) {
    JsonNode value = given.path(field);
    if (isAuto(value)) {
      return null;
    }
    double number = value.isNumber() ? value.doubleValue() : 0;
    if (!(number > 0 && number <= OrderedTraining.MULTIPLIER_MAX)) {
      throw refused(field, value, "auto or above 0 and at most " + OrderedTraining.MULTIPLIER_MAX);
    }
    return number;
  }

  private FieldException refused(String field, JsonNode value, String expected) {
    return FieldException.invalid(
        place + field,
        "%s is %s, expected %s".formatted(field, Quoted.of(value.toString()), expected));
  }

  private static boolean isAuto(JsonNode value) {
    return value.isMissingNode() || value.isNull() || value.asText().equals("auto");
  }
}
