package io.trimtab.study.plan;

import io.trimtab.tuning.job.Recipe;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which sequences a study has, the most telling first, so that one that is cut off early has
 * answered something: for one seed the recipes on the first model, then what a server would do
 * there, then the same on the other models; then full deltas and the other variants; then all of it
 * for the next seed.
 *
 * @param seeds from 1 to this
 */
public record StudyPlan(
    List<String> models,
    List<Recipe> recipes,
    List<Form> forms,
    List<Variant> variants,
    int seeds) {
  /** The paper's order of telling: the best, the two beside it, the worst, and the rest. */
  public static final List<Recipe> RECIPES =
      List.of(
          Recipe.SA_PROJ, Recipe.LLM, Recipe.MLP, Recipe.GATE_UP, Recipe.SA_QKV, Recipe.PROJECTOR);

  public static final List<Recipe> QUICK_RECIPES = List.of(Recipe.SA_PROJ, Recipe.LLM);

  /** The recipe that is served with and the one that forgets most, where both are asked for. */
  private static final List<Recipe> PROTECTED = List.of(Recipe.SA_PROJ, Recipe.LLM);

  public StudyPlan {
    models = List.copyOf(models);
    recipes = List.copyOf(recipes);
    forms = List.copyOf(forms);
    variants = List.copyOf(variants);
  }

  /** In the order in which they are to be run; none twice. */
  public List<StudyRun> runs() {
    Set<StudyRun> runs = new LinkedHashSet<>();
    for (int seed = 1; seed <= seeds; seed++) {
      for (String model : models) {
        plain(runs, model, Form.LORA, seed);
        for (Variant variant : List.of(Variant.REHEARSAL, Variant.GATED)) {
          protectedRuns(runs, model, variant, seed, Recipe.SA_PROJ);
        }
      }
      for (String model : models) {
        plain(runs, model, Form.FULL, seed);
      }
      for (String model : models) {
        for (Variant variant : List.of(Variant.LWF, Variant.WISE_FT, Variant.REHEARSAL)) {
          for (Recipe recipe : protectedRecipes()) {
            protectedRuns(runs, model, variant, seed, recipe);
          }
        }
      }
    }
    return new ArrayList<>(runs);
  }

  private void plain(Set<StudyRun> runs, String model, Form form, int seed) {
    if (!forms.contains(form) || !variants.contains(Variant.PLAIN)) {
      return;
    }
    for (Recipe recipe : RECIPES) {
      if (recipes.contains(recipe)) {
        runs.add(new StudyRun(model, recipe, form, Variant.PLAIN, seed));
      }
    }
  }

  private List<Recipe> protectedRecipes() {
    List<Recipe> chosen = PROTECTED.stream().filter(recipes::contains).toList();
    return chosen.isEmpty() ? recipes : chosen;
  }

  private void protectedRuns(
      Set<StudyRun> runs, String model, Variant variant, int seed, Recipe recipe) {
    if (forms.contains(Form.LORA) && variants.contains(variant) && recipes.contains(recipe)) {
      runs.add(new StudyRun(model, recipe, Form.LORA, variant, seed));
    }
  }
}
