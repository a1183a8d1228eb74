package io.trimtab.adapter.peft;

import io.trimtab.adapter.peft.BaseModules.Module;
import io.trimtab.adapter.peft.PythonPattern.Budget;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What adapter_config.json says of a LoRA adapter.
 *
 * @param rank of modules that no pattern matches
 * @param alpha likewise
 * @param ranks ranks by pattern, the first match counts
 * @param alphas likewise
 */
record PeftConfig(
    int rank,
    double alpha,
    RankScaling rankScaling,
    SequencedMap<NamePattern, Integer> ranks,
    SequencedMap<NamePattern, Double> alphas,
    PeftTargets targets) {
  /** What alpha is divided by. */
  enum RankScaling {
    /** The rank (Hu et al., "LoRA", 2021). */
    RANK,
    /** Its square root (Kalajdzievski, "A Rank Stabilization Scaling Factor…", 2023). */
    SQUARE_ROOT
  }

  PeftConfig {
    ranks = new LinkedHashMap<>(ranks);
    alphas = new LinkedHashMap<>(alphas);
  }

  int rankOf(Module module, Budget budget) {
    return matched(ranks, module, budget).orElse(rank);
  }

  /** What {@code B A x} is multiplied by; infinite where a float can't hold it. */
  float scalingOf(Module module, Budget budget) {
    int moduleRank = rankOf(module, budget);
    double moduleAlpha = matched(alphas, module, budget).orElse(alpha);
    return (float)
        switch (rankScaling) {
          case RANK -> moduleAlpha / moduleRank;
          case SQUARE_ROOT -> moduleAlpha / Math.sqrt(moduleRank);
        };
  }

  /** Patterns may be written for either generation's names. */
  private static <T> Optional<T> matched(
      Map<NamePattern, T> patterns, Module module, Budget budget) {
    for (Map.Entry<NamePattern, T> each : patterns.entrySet()) {
      if (each.getKey().matches(module.newName(), budget)
          || each.getKey().matches(module.oldName(), budget)) {
        return Optional.of(each.getValue());
      }
    }
    return Optional.empty();
  }
}
