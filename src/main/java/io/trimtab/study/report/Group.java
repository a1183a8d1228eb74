package io.trimtab.study.report;

import io.trimtab.study.plan.Form;
import io.trimtab.study.plan.StudyRun;
import io.trimtab.study.plan.Variant;
import io.trimtab.tuning.job.Recipe;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.Collectors;

/**
 * The sequences that differ in their seed alone, and went through all skills. Figures are means
 * over seeds; their intervals are of a bootstrap over questions and, where there is more than one
 * seed, over seeds.
 */
record Group(String model, Recipe recipe, Form form, Variant variant, List<Sequence> sequences) {
  private static final int DRAWS = 2000;

  /** One figure of a sequence, under a draw of the questions. */
  interface Measure extends ToDoubleBiFunction<Sequence, Resample> {}

  Group {
    sequences = List.copyOf(sequences);
  }

  /**
   * Groups, in the order of their first sequences.
   *
   * @param skills that a sequence goes through; shorter ones are left out
   */
  static List<Group> of(List<Sequence> sequences, int skills) {
    Map<String, List<Sequence>> grouped = new LinkedHashMap<>();
    for (Sequence sequence : sequences) {
      if (sequence.stages().size() == skills) {
        grouped.computeIfAbsent(sequence.run().group(), _ -> new ArrayList<>()).add(sequence);
      }
    }
    return grouped.values().stream()
        .map(
            members -> {
              StudyRun run = members.getFirst().run();
              return new Group(run.model(), run.recipe(), run.form(), run.variant(), members);
            })
        .toList();
  }

  String name() {
    return variant == Variant.PLAIN
        ? "%s, %s".formatted(recipe.wireName(), form)
        : "%s, %s, %s".formatted(recipe.wireName(), form, variant);
  }

  Estimate estimate(Measure measure) {
    return Estimate.of(mean(measure, Resample.ASKED), draws(measure));
  }

  /**
   * Of this group's less the other's; both have been asked the same questions. Where one has more
   * seeds, over those of both, so that what is paired was trained on the same examples.
   */
  Estimate difference(Group other, Measure measure) {
    Set<Long> seeds = seeds();
    seeds.retainAll(other.seeds());
    return seeds.isEmpty()
        ? paired(other, measure)
        : over(seeds).paired(other.over(seeds), measure);
  }

  private Estimate paired(Group other, Measure measure) {
    double[] draws = draws(measure);
    double[] others = other.draws(measure);
    for (int i = 0; i < draws.length; i++) {
      draws[i] -= others[i];
    }
    return Estimate.of(mean(measure, Resample.ASKED) - other.mean(measure, Resample.ASKED), draws);
  }

  private Set<Long> seeds() {
    return sequences.stream()
        .map(each -> each.run().seed())
        .collect(Collectors.toCollection(HashSet::new));
  }

  private Group over(Set<Long> seeds) {
    return new Group(
        model,
        recipe,
        form,
        variant,
        sequences.stream().filter(each -> seeds.contains(each.run().seed())).toList());
  }

  private double[] draws(Measure measure) {
    double[] draws = new double[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
      draws[i] = mean(measure, i);
    }
    return draws;
  }

  private double mean(Measure measure, int draw) {
    Resample resample = new Resample(draw);
    double sum = 0;
    for (int seed : resample.places("seeds", sequences.size())) {
      sum += measure.applyAsDouble(sequences.get(seed), resample);
    }
    return sum / sequences.size();
  }
}
