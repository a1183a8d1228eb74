package io.trimtab.adapter.peft;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.model.Family;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Refuses by name the settings of adapter_config.json that change what is computed in ways that are
 * not served.
 *
 * <p>PEFT adds settings with each release. Its variants are switched on by {@code true}, by a
 * {@code use_…} or by a nested configuration, and tuned by numbers and texts that are there even
 * when the variant is off ({@code qalora_group_size} is 16 in every file). So a setting that is not
 * known here is refused in the first three forms and ignored in the others.
 */
final class PeftSettings {
  /** Settings that must be unset, with what they would switch on. */
  private static final Map<String, String> REFUSED =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("use_dora", "DoRA"),
              Map.entry("modules_to_save", "a full copy of a module"),
              Map.entry("lora_bias", "a trained bias"),
              Map.entry("trainable_token_indices", "a trained embedding"),
              Map.entry("alora_invocation_tokens", "activated LoRA"),
              Map.entry("target_parameters", "a delta of a bare parameter"),
              Map.entry("layer_replication", "replication of layers"),
              Map.entry("use_qalora", "QALoRA"),
              Map.entry("use_bdlora", "block-diagonal LoRA"),
              Map.entry("fan_in_fan_out", "transposed weights"),
              Map.entry("megatron_config", "Megatron's layers"),
              Map.entry("arrow_config", "Arrow's routing"),
              Map.entry("kasa_config", "KaSA"),
              Map.entry("velora_config", "VeLoRA"),
              Map.entry("monteclora_config", "MonteCLoRA")));

  /** Settings that are read elsewhere, or that don't matter once weights are trained. */
  private static final Set<String> KNOWN =
      Set.of(
          "alpha_pattern",
          "auto_mapping",
          "base_model_name_or_path",
          "bias",
          "corda_config",
          "ensure_weight_tying",
          "eva_config",
          "exclude_modules",
          "inference_mode",
          "init_lora_weights",
          "layers_pattern",
          "layers_to_transform",
          "loftq_config",
          "lora_alpha",
          "lora_dropout",
          "lora_ga_config",
          "megatron_core",
          "peft_type",
          "peft_version",
          "qalora_group_size",
          "r",
          "rank_pattern",
          "revision",
          "runtime_config",
          "target_modules",
          "task_type",
          "use_rslora");

  private static final Set<String> PLAIN_BEGINNINGS =
      Set.of("gaussian", "orthogonal", "eva", "mica", "true", "false");

  private PeftSettings() {}

  static void check(JsonNode config, Family family, Problems problems) {
    String type = config.path("peft_type").asText("");
    if (!type.equals("LORA")) {
      problems.add("peft_type is '%s', expected LORA".formatted(Problems.shown(type)));
    }
    REFUSED.forEach(
        (key, meaning) -> {
          if (isSet(config.path(key))) {
            problems.add("%s is set: %s is not served, expected it unset".formatted(key, meaning));
          }
        });
    checkBias(config.path("bias"), problems);
    checkBeginning(config.path("init_lora_weights"), problems);
    checkFamily(config.path("auto_mapping"), family, problems);
    for (Map.Entry<String, JsonNode> each : config.properties()) {
      String key = each.getKey();
      if (!KNOWN.contains(key) && !REFUSED.containsKey(key) && switchesOn(key, each.getValue())) {
        problems.add(
            "%s is set, which is not known here and may change what is computed; expected it unset"
                .formatted(Problems.shown(key)));
      }
    }
  }

  private static void checkBias(JsonNode bias, Problems problems) {
    if (isSet(bias) && !bias.asText().equals("none")) {
      problems.add(
          "bias is '%s': trained biases are not served, expected none"
              .formatted(Problems.shown(bias.asText())));
    }
  }

  /** Some beginnings take a part out of the base weights, which the delta then stands for. */
  private static void checkBeginning(JsonNode beginning, Problems problems) {
    if (beginning.isMissingNode() || beginning.isNull() || beginning.isBoolean()) {
      return;
    }
    String text = beginning.asText().toLowerCase(Locale.ROOT);
    if (!PLAIN_BEGINNINGS.contains(text)) {
      problems.add(
          ("init_lora_weights is '%s', which may have changed the base's weights; expected true,"
                  + " false, gaussian, orthogonal, eva or mica (save_pretrained with"
                  + " path_initial_model_for_weight_conversion converts such an adapter)")
              .formatted(Problems.shown(text)));
    }
  }

  private static void checkFamily(JsonNode mapping, Family family, Problems problems) {
    String type = mapping.path("base_model_class").asText("");
    String library = mapping.path("parent_library").asText("");
    boolean same =
        type.isEmpty()
            || letters(type).startsWith(letters(family.modelType()))
            || library.contains("." + family.modelType() + ".");
    if (!same) {
      problems.add(
          "the adapter was made for %s, this server serves %s"
              .formatted(Problems.shown(type), family.modelType()));
    }
  }

  private static String letters(String name) {
    return name.replace("_", "").toLowerCase(Locale.ROOT);
  }

  private static boolean switchesOn(String key, JsonNode value) {
    return isSet(value) && (value.isBoolean() || value.isContainerNode() || key.startsWith("use_"));
  }

  /** Null, false, zero and what is empty are unset. */
  static boolean isSet(JsonNode value) {
    return switch (value.getNodeType()) {
      case MISSING, NULL -> false;
      case BOOLEAN -> value.booleanValue();
      case NUMBER -> value.doubleValue() != 0;
      case STRING -> !value.textValue().isEmpty();
      case ARRAY, OBJECT -> !value.isEmpty();
      case BINARY, POJO -> true;
    };
  }
}
