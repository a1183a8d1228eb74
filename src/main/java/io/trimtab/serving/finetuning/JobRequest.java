package io.trimtab.serving.finetuning;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.adaptation.job.OrderedTraining;
import io.trimtab.error.Quoted;
import io.trimtab.serving.http.FieldException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The body that creates a job. What this server can't honour is refused with its field, rather than
 * passed over.
 *
 * @param model base, or the adapter whose corrections the file's lines are to be
 * @param suffix names the adapter where the model is base; empty for none
 * @param metadata at most 16 pairs
 */
record JobRequest(
    String trainingFile,
    String model,
    String suffix,
    OrderedTraining training,
    Map<String, String> metadata) {
  private static final Set<String> FIELDS =
      Set.of(
          "training_file",
          "model",
          "suffix",
          "hyperparameters",
          "method",
          "seed",
          "metadata",
          "validation_file",
          "integrations");
  private static final int PAIRS_MAX = 16;
  private static final int KEY_CHARACTERS_MAX = 64;
  private static final int VALUE_CHARACTERS_MAX = 512;
  private static final int TEXT_CHARACTERS_MAX = 256;

  /**
   * Reads a body.
   *
   * @throws FieldException INVALID_ARGUMENT
   */
  static JobRequest of(JsonNode body) {
    if (!body.isObject()) {
      throw FieldException.invalid("body", "The body is no JSON object, expected one");
    }
    onlyFields(body, "", FIELDS);
    if (isGiven(body, "validation_file")) {
      throw FieldException.invalid(
          "validation_file",
          "validation_file is not supported: a job sets some of the examples aside by itself, to"
              + " stop by and to judge by");
    }
    if (isGiven(body, "integrations") && !body.path("integrations").isEmpty()) {
      throw FieldException.invalid("integrations", "integrations are not supported, expected none");
    }
    return new JobRequest(
        text(body, "training_file"),
        text(body, "model"),
        isGiven(body, "suffix") ? text(body, "suffix") : "",
        training(body),
        metadata(body));
  }

  private static OrderedTraining training(JsonNode body) {
    JsonNode given = body.path("hyperparameters");
    String place = "hyperparameters";
    if (isGiven(body, "method")) {
      if (isGiven(body, "hyperparameters")) {
        throw FieldException.invalid(
            "hyperparameters", "hyperparameters came beside method, expected one of them");
      }
      JsonNode method = body.path("method");
      if (!method.path("type").asText().equals("supervised")) {
        throw FieldException.invalid(
            "method.type",
            "method.type is %s, expected supervised"
                .formatted(Quoted.of(method.path("type").asText())));
      }
      onlyFields(method, "method.", Set.of("type", "supervised"));
      onlyFields(method.path("supervised"), "method.supervised.", Set.of("hyperparameters"));
      given = method.path("supervised").path("hyperparameters");
      place = "method.supervised.hyperparameters";
    }
    Hyperparameters read = new Hyperparameters(given, place + ".");
    onlyFields(given, place + ".", Hyperparameters.FIELDS);
    return new OrderedTraining(
        read.whole("n_epochs", OrderedTraining.EPOCHS_MAX),
        read.multiplier("learning_rate_multiplier"),
        read.whole("batch_size", OrderedTraining.BATCH_MAX),
        seed(body));
  }

  private static @Nullable Long seed(JsonNode body) {
    if (!isGiven(body, "seed")) {
      return null;
    }
    JsonNode seed = body.path("seed");
    if (!seed.isIntegralNumber() || !seed.canConvertToLong()) {
      throw FieldException.invalid(
          "seed", "seed is %s, expected a whole number".formatted(Quoted.of(seed.toString())));
    }
    return seed.longValue();
  }

  private static Map<String, String> metadata(JsonNode body) {
    JsonNode given = body.path("metadata");
    Map<String, String> metadata = new LinkedHashMap<>();
    if (!isGiven(body, "metadata")) {
      return metadata;
    }
    boolean bounded = given.isObject() && given.size() <= PAIRS_MAX;
    for (Map.Entry<String, JsonNode> pair : given.properties()) {
      bounded &= pair.getKey().length() <= KEY_CHARACTERS_MAX && pair.getValue().isTextual();
      bounded &= pair.getValue().asText().length() <= VALUE_CHARACTERS_MAX;
      metadata.put(pair.getKey(), pair.getValue().asText());
    }
    if (!bounded) {
      throw FieldException.invalid(
          "metadata",
          "metadata is out of bounds, expected at most %d texts of %d characters under keys of %d"
              .formatted(PAIRS_MAX, VALUE_CHARACTERS_MAX, KEY_CHARACTERS_MAX));
    }
    return metadata;
  }

  private static String text(JsonNode body, String field) {
    JsonNode value = body.path(field);
    if (!value.isTextual()
        || value.textValue().isEmpty()
        || value.textValue().length() > TEXT_CHARACTERS_MAX) {
      throw FieldException.invalid(
          field,
          "%s is %s, expected a text of 1 to %d characters"
              .formatted(
                  field,
                  value.isMissingNode() ? "missing" : Quoted.of(value.toString()),
                  TEXT_CHARACTERS_MAX));
    }
    return value.textValue();
  }

  private static void onlyFields(JsonNode object, String place, Set<String> known) {
    object
        .fieldNames()
        .forEachRemaining(
            field -> {
              if (!known.contains(field)) {
                throw FieldException.invalid(
                    place + field, "%s%s is not supported".formatted(place, field));
              }
            });
  }

  private static boolean isGiven(JsonNode body, String field) {
    return body.hasNonNull(field);
  }
}
