package io.trimtab.adapter.peft;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.adapter.peft.ModuleNames.AllLinear;
import io.trimtab.adapter.peft.ModuleNames.Endings;
import io.trimtab.adapter.peft.ModuleNames.Matching;
import io.trimtab.adapter.peft.PeftConfig.RankScaling;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;

/** Reads what a LoRA's adapter_config.json says of ranks, scalings and targets. */
final class PeftConfigReader {
  private static final int PATTERNS_MAX = 4_096;

  private final JsonNode config;
  private final PatternSize size = new PatternSize();
  private final int maxRank;

  private PeftConfigReader(JsonNode config, int maxRank) {
    this.config = config;
    this.maxRank = maxRank;
  }

  /** Empty where a setting can't be read, which is added to the problems. */
  static Optional<PeftConfig> read(JsonNode config, int maxRank, Problems problems) {
    try {
      return Optional.of(new PeftConfigReader(config, maxRank).read());
    } catch (TrimtabException e) {
      problems.add(e);
      return Optional.empty();
    }
  }

  private PeftConfig read() {
    return new PeftConfig(
        rank("r", config.path("r")),
        alpha("lora_alpha", config.path("lora_alpha")),
        switched("use_rslora") ? RankScaling.SQUARE_ROOT : RankScaling.RANK,
        patterns("rank_pattern", value -> rank("rank_pattern", value)),
        patterns("alpha_pattern", value -> alpha("alpha_pattern", value)),
        targets());
  }

  private int rank(String key, JsonNode value) {
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < 1
        || value.intValue() > maxRank) {
      throw wrong(key, value, "a rank of 1 to " + maxRank);
    }
    return value.intValue();
  }

  private static double alpha(String key, JsonNode value) {
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw wrong(key, value, "a finite number");
    }
    return value.doubleValue();
  }

  private boolean switched(String key) {
    JsonNode value = config.path(key);
    if (value.isBoolean() || value.isMissingNode() || value.isNull()) {
      return value.booleanValue();
    }
    throw wrong(key, value, "true or false");
  }

  private <T> SequencedMap<NamePattern, T> patterns(String key, Function<JsonNode, T> read) {
    JsonNode value = config.path(key);
    SequencedMap<NamePattern, T> patterns = new LinkedHashMap<>();
    if (value.isMissingNode() || value.isNull()) {
      return patterns;
    }
    if (!value.isObject() || value.size() > PATTERNS_MAX) {
      throw wrong(key, value, "an object of up to %d patterns".formatted(PATTERNS_MAX));
    }
    for (Map.Entry<String, JsonNode> each : value.properties()) {
      patterns.put(NamePattern.of(each.getKey(), size), read.apply(each.getValue()));
    }
    return patterns;
  }

  private PeftTargets targets() {
    JsonNode value = config.path("target_modules");
    ModuleNames targeted =
        modules("target_modules")
            .orElseThrow(
                () ->
                    wrong(
                        "target_modules",
                        value,
                        "a list of names, a regular expression or all-linear"));
    return new PeftTargets(targeted, modules("exclude_modules"), layers(targeted));
  }

  private Optional<ModuleNames> modules(String key) {
    JsonNode value = config.path(key);
    if (!PeftSettings.isSet(value)) {
      return Optional.empty();
    }
    if (value.isArray()) {
      return Optional.of(new Endings(Set.copyOf(texts(key, value))));
    }
    if (!value.isTextual()) {
      throw wrong(key, value, "a list of names or a regular expression");
    }
    String text = value.textValue();
    return Optional.of(
        key.equals("target_modules") && text.equalsIgnoreCase("all-linear")
            ? new AllLinear()
            : new Matching(text, PythonPattern.compile(text, size)));
  }

  private LayerFilter layers(ModuleNames targeted) {
    JsonNode layers = config.path("layers_to_transform");
    JsonNode pattern = config.path("layers_pattern");
    boolean list = targeted instanceof Endings;
    if (!list && PeftSettings.isSet(pattern)) {
      throw wrong("layers_pattern", pattern, "none unless target_modules is a list");
    }
    if (layers.isMissingNode() || layers.isNull()) {
      if (PeftSettings.isSet(pattern)) {
        throw wrong("layers_pattern", pattern, "none without layers_to_transform");
      }
      return LayerFilter.NONE;
    }
    if (!list) {
      throw wrong("layers_to_transform", layers, "none unless target_modules is a list");
    }
    Set<Integer> numbers = new HashSet<>();
    for (JsonNode layer : layers.isArray() ? layers : List.of(layers)) {
      if (!layer.isIntegralNumber() || !layer.canConvertToInt() || layer.intValue() < 0) {
        throw wrong("layers_to_transform", layers, "a layer or a list of layers, from 0");
      }
      numbers.add(layer.intValue());
    }
    return new LayerFilter(numbers, parents(pattern));
  }

  private List<PythonPattern> parents(JsonNode pattern) {
    if (!PeftSettings.isSet(pattern)) {
      return List.of();
    }
    List<String> texts =
        pattern.isTextual() ? List.of(pattern.textValue()) : texts("layers_pattern", pattern);
    return texts.stream()
        .map(text -> PythonPattern.compile(".*\\.(?:" + text + ")", size))
        .toList();
  }

  private static List<String> texts(String key, JsonNode value) {
    List<String> texts = new ArrayList<>();
    for (JsonNode each : value) {
      if (!each.isTextual()) {
        throw wrong(key, each, "names alone");
      }
      texts.add(each.textValue());
    }
    return texts;
  }

  private static TrimtabException wrong(String key, JsonNode value, String expected) {
    String came = value.isMissingNode() ? "missing" : Problems.shown(value.toString());
    return TrimtabException.invalid("%s is %s, expected %s".formatted(key, came, expected));
  }
}
