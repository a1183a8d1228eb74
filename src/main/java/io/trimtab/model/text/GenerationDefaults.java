package io.trimtab.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What generation_config.json says: the tokens that end an answer, and the sampling that a request
 * gets where it does not say otherwise. Absent values are the server's to choose.
 *
 * @param eosTokenIds every token that ends an answer, in the file's order; empty if no file names
 *     one
 * @param temperature 0 and above
 * @param topP in (0, 1]
 * @param topK number of tokens; 0 or -1 means all
 * @param minP in [0, 1]
 * @param repetitionPenalty above 0; 1 is none
 */
public record GenerationDefaults(
    List<Integer> eosTokenIds,
    OptionalDouble temperature,
    OptionalDouble topP,
    OptionalInt topK,
    OptionalDouble minP,
    OptionalDouble repetitionPenalty) {
  /** Decoders whose configuration in transformers ends an answer with token 2. */
  private static final Set<String> ENDS_WITH_2 = Set.of("llama", "mistral");

  public GenerationDefaults {
    eosTokenIds = List.copyOf(eosTokenIds);
  }

  /**
   * Reads generation_config.json, which may be missing; where it names no end token, config.json's
   * {@code text_config} or top level does, or has the default of its decoder in transformers.
   */
  public static GenerationDefaults read(Path modelFolder) {
    JsonNode generation = optional(modelFolder.resolve("generation_config.json"));
    Set<Integer> eos = new LinkedHashSet<>();
    addIds(generation.path("eos_token_id"), eos);
    if (eos.isEmpty()) {
      JsonNode config = optional(modelFolder.resolve("config.json"));
      addIds(config.path("text_config").path("eos_token_id"), eos);
      if (eos.isEmpty()) {
        addIds(config.path("eos_token_id"), eos);
      }
      if (eos.isEmpty() && ENDS_WITH_2.contains(decoder(config))) {
        eos.add(2);
      }
    }
    JsonNode topK = generation.path("top_k");
    return new GenerationDefaults(
        List.copyOf(eos),
        number(generation, "temperature"),
        number(generation, "top_p"),
        topK.isNumber() ? OptionalInt.of(topK.intValue()) : OptionalInt.empty(),
        number(generation, "min_p"),
        number(generation, "repetition_penalty"));
  }

  /** LLaVA's is Llama where the file names none. */
  private static String decoder(JsonNode config) {
    boolean llava = config.path("model_type").asText().matches("llava(_next)?");
    return config.at("/text_config/model_type").asText(llava ? "llama" : "");
  }

  private static JsonNode optional(Path file) {
    return Files.exists(file) ? JsonFile.read(file) : JsonFile.empty();
  }

  private static void addIds(JsonNode node, Set<Integer> ids) {
    if (node.isInt()) {
      ids.add(node.intValue());
    }
    node.forEach(id -> addIds(id, ids));
  }

  private static OptionalDouble number(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isNumber() ? OptionalDouble.of(value.doubleValue()) : OptionalDouble.empty();
  }
}
