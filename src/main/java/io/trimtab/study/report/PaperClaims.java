package io.trimtab.study.report;

import io.trimtab.study.plan.Form;
import io.trimtab.study.plan.Variant;
import io.trimtab.study.report.Group.Measure;
import io.trimtab.tuning.job.Recipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the paper says (arXiv 2510.08564), line by line, before what was found on one model. A
 * closed world of other size can't give the paper's points: what is asked is whether a recipe
 * learns, whether it forgets little or much, and whether the order is the paper's. Plain sequences
 * of one form; the paper's own are of full deltas.
 */
final class PaperClaims {
  /** More than this is learning. */
  static final double LEARNS = 10;

  /** The paper's recipes that forget little lose 2.1 points at most; */
  static final double LITTLE = -3;

  /** those that forget much, 15 at least. */
  static final double MUCH = -10;

  private final List<Group> groups;

  /**
   * @param groups of one model
   */
  PaperClaims(List<Group> groups, Form form) {
    this.groups =
        groups.stream()
            .filter(group -> group.form() == form && group.variant() == Variant.PLAIN)
            .toList();
  }

  /**
   * A statement and what became of it.
   *
   * @param paper the figures there
   * @param here points
   */
  record Claim(String statement, String paper, Estimate here, Verdict verdict) {}

  List<Claim> all() {
    List<Claim> claims = new ArrayList<>();
    claims.add(learns(Recipe.SA_PROJ, "+24.9"));
    claims.add(losesLittle(Recipe.SA_PROJ, "-0.6"));
    claims.add(learns(Recipe.GATE_UP, "+30.5"));
    claims.add(losesLittle(Recipe.GATE_UP, "-2.1"));
    claims.add(learns(Recipe.LLM, "+31.8"));
    claims.add(losesMuch(Recipe.LLM, "-23.3"));
    claims.add(learns(Recipe.MLP, "+38"));
    claims.add(losesMuch(Recipe.MLP, "-15"));
    claims.add(learnsLittle(Recipe.PROJECTOR, "+2.5"));
    claims.add(losesLittle(Recipe.PROJECTOR, "-1.5"));
    claims.add(missing("the vision tower learns and loses most", "+11, -40"));
    claims.add(missing("sa-proj and gate-up together gain nothing over one of them", ""));
    claims.add(keepsMore(Recipe.SA_PROJ, Recipe.GATE_UP, "-0.6 and -2.1"));
    claims.add(keepsMore(Recipe.SA_PROJ, Recipe.LLM, "-0.6 and -23.3"));
    claims.add(keepsMore(Recipe.GATE_UP, Recipe.MLP, "-2.1 and -15"));
    claims.add(keepsMore(Recipe.GATE_UP, Recipe.LLM, "-2.1 and -23.3"));
    claims.add(keepsMore(Recipe.MLP, Recipe.LLM, "-15 and -23.3"));
    claims.add(learnsMore(Recipe.GATE_UP, Recipe.SA_PROJ, "+30.5 and +24.9"));
    claims.add(learnsMore(Recipe.LLM, Recipe.SA_PROJ, "+31.8 and +24.9"));
    claims.add(learnsMore(Recipe.SA_PROJ, Recipe.PROJECTOR, "+24.9 and +2.5"));
    return claims;
  }

  private Claim learns(Recipe recipe, String paper) {
    Estimate here = estimate(recipe, Sequence::learned);
    return new Claim(
        recipe.wireName() + " learns (more than 10 points)",
        paper,
        here,
        Verdict.above(here, LEARNS));
  }

  private Claim learnsLittle(Recipe recipe, String paper) {
    Estimate here = estimate(recipe, Sequence::learned);
    return new Claim(
        recipe.wireName() + " learns little (less than 10 points)",
        paper,
        here,
        Verdict.below(here, LEARNS));
  }

  private Claim losesLittle(Recipe recipe, String paper) {
    Estimate here = estimate(recipe, Sequence::heldOutAtEnd);
    return new Claim(
        recipe.wireName() + " loses little held-out accuracy (less than 3 points)",
        paper,
        here,
        Verdict.above(here, LITTLE));
  }

  private Claim losesMuch(Recipe recipe, String paper) {
    Estimate here = estimate(recipe, Sequence::heldOutAtEnd);
    return new Claim(
        recipe.wireName() + " loses much held-out accuracy (more than 10 points)",
        paper,
        here,
        Verdict.below(here, MUCH));
  }

  private Claim keepsMore(Recipe more, Recipe less, String paper) {
    Estimate here = difference(more, less, Sequence::heldOutAtEnd);
    return new Claim(
        "%s keeps more than %s".formatted(more.wireName(), less.wireName()),
        paper,
        here,
        Verdict.above(here, 0));
  }

  private Claim learnsMore(Recipe more, Recipe less, String paper) {
    Estimate here = difference(more, less, Sequence::learned);
    return new Claim(
        "%s learns more than %s".formatted(more.wireName(), less.wireName()),
        paper,
        here,
        Verdict.above(here, 0));
  }

  private static Claim missing(String statement, String paper) {
    return new Claim(statement, paper, Estimate.none(), Verdict.MISSING);
  }

  private Estimate estimate(Recipe recipe, Measure measure) {
    return find(recipe).map(group -> group.estimate(measure)).orElse(Estimate.none());
  }

  private Estimate difference(Recipe one, Recipe other, Measure measure) {
    Optional<Group> first = find(one);
    Optional<Group> second = find(other);
    return first.isPresent() && second.isPresent()
        ? first.get().difference(second.get(), measure)
        : Estimate.none();
  }

  private Optional<Group> find(Recipe recipe) {
    return groups.stream().filter(group -> group.recipe() == recipe).findFirst();
  }
}
