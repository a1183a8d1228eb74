package io.trimtab.engine.sampling;

import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.constraint.TokenConstraint;
import io.trimtab.engine.sampling.LogitsRow.Coverage;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the tokens of one request, as {@link SamplingParameters} says.
 *
 * <p>A choice depends on the row, the parameters, the seed and the tokens accepted so far, and on
 * nothing else: {@link #sample} changes nothing, so asking again gives the same token, and only
 * {@link #accepted} moves on. The n-th token of an answer uses the n-th number of its seed. A
 * request without a seed gets a random one. One thread.
 *
 * <p>Tokens that a constraint does not admit are taken out before anything else, so that what is
 * left is a distribution of its own for temperature, penalties, min-p, top-k and top-p, as in vLLM.
 */
public final class Sampler {
  private final SamplingParameters parameters;
  private final int vocabulary;
  private final LogitEdits edits;
  private final UniformSequence uniforms;
  private final @Nullable TokenConstraint constraint;

  /** Without a constraint. */
  public Sampler(SamplingParameters parameters, int vocabulary, int[] prompt, int[] endTokens) {
    this(parameters, vocabulary, prompt, endTokens, Optional.empty());
  }

  /**
   * @param vocabulary logits in a row
   * @param prompt ids of the prompt, each picture expanded to its tokens; for the repetition
   *     penalty
   * @param endTokens ids with which the model ends an answer
   * @param constraint says which tokens may come
   * @throws TrimtabException INVALID_ARGUMENT when a bias or a stop token is outside the vocabulary
   */
  public Sampler(
      SamplingParameters parameters,
      int vocabulary,
      int[] prompt,
      int[] endTokens,
      Optional<TokenConstraint> constraint) {
    this.constraint = constraint.orElse(null);
    this.parameters = parameters;
    this.vocabulary = vocabulary;
    edits = new LogitEdits(parameters, vocabulary, prompt, endTokens);
    uniforms =
        new UniformSequence(
            parameters.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong()));
  }

  /**
   * What the next {@link #sample} reads. The best tokens suffice when the order of the row is not
   * changed and enough of them are left beside the forbidden ones: one for a greedy choice, {@code
   * top_k} for a draw. What is kept without {@code top_k} is not known before the run, nor is how
   * many of the best a constraint leaves: there they are tried first, with the row at hand.
   */
  public Coverage needs() {
    if (constraint != null || edits.reorder() || (!isGreedy() && parameters.topK() == 0)) {
      return Coverage.FULL;
    }
    // Subtracted rather than added: a top_k may be as large as an int.
    int left = SamplingParameters.TOP_LOGPROBS_MAX - edits.forbiddenCount();
    return choices() <= left ? Coverage.BEST : Coverage.FULL;
  }

  /**
   * Chooses the next token from a row that covers what {@link #needs} says.
   *
   * @throws TrimtabException FAILED_PRECONDITION when the row is not a distribution (NaN,
   *     +infinity, nothing above -infinity): neither the request nor this server's code is at
   *     fault, and a retry cannot help, before the adapter or the checkpoint is another
   */
  public int sample(LogitsRow row, SamplingWorkspace workspace) {
    // A NaN or +infinity anywhere in the row shows here, so that the best tokens can be trusted.
    requireNumber(row.logsumexp());
    if (constraint != null) {
      return admitted(row, workspace, constraint);
    }
    return switch (needs()) {
      case BEST -> fromBest(row, workspace);
      case FULL -> fromFull(row, workspace);
    };
  }

  /** Moves on: the token is part of the answer. */
  public void accepted(int token) {
    edits.accepted(token);
    if (constraint != null) {
      constraint.accept(token);
    }
  }

  public Optional<TokenConstraint> constraint() {
    return Optional.ofNullable(constraint);
  }

  private int fromBest(LogitsRow row, SamplingWorkspace workspace) {
    int size = best(row, workspace);
    if (size == 0) {
      throw nothingPossible();
    }
    return workspace.ids[choose(workspace, size, workspace.logits[0])];
  }

  /** Takes as many as are chosen among, if there are, of the best that are possible. */
  private int best(LogitsRow row, SamplingWorkspace workspace) {
    int size = 0;
    for (int rank = 0; rank < row.bests() && size < choices(); rank++) {
      int id = row.bestId(rank);
      if (!edits.forbids(id) && (constraint == null || constraint.admits(id))) {
        workspace.ids[size] = id;
        workspace.logits[size] = row.bestLogit(rank);
        size++;
      }
    }
    return size;
  }

  private int fromFull(LogitsRow row, SamplingWorkspace workspace) {
    row.copyTo(workspace.logits, vocabulary);
    edits.apply(workspace.logits);
    return choose(workspace, vocabulary, highest(workspace.logits));
  }

  /** From the best where there are enough, else from the whole row. */
  private int admitted(LogitsRow row, SamplingWorkspace workspace, TokenConstraint admits) {
    boolean bestSuffice = !edits.reorder() && choices() > 0 && choices() <= row.bests();
    if (bestSuffice && best(row, workspace) == choices()) {
      return workspace.ids[choose(workspace, choices(), workspace.logits[0])];
    }
    row.copyTo(workspace.logits, vocabulary);
    admits.mask(workspace.logits, vocabulary);
    edits.apply(workspace.logits);
    float best = highest(workspace.logits);
    if (best == Float.NEGATIVE_INFINITY && edits.forbiddenCount() > 0) {
      // Complete before min_tokens: there is nothing to say but the end.
      row.copyTo(workspace.logits, vocabulary);
      admits.mask(workspace.logits, vocabulary);
      edits.applyWithoutMinTokens(workspace.logits);
      best = highest(workspace.logits);
    }
    return choose(workspace, vocabulary, best);
  }

  private float highest(float[] logits) {
    float best = Float.NEGATIVE_INFINITY;
    for (int id = 0; id < vocabulary; id++) {
      best = Math.max(best, logits[id]);
    }
    return best;
  }

  /** An index into the workspace's logits. */
  private int choose(SamplingWorkspace workspace, int size, float best) {
    if (best == Float.NEGATIVE_INFINITY) {
      throw nothingPossible();
    }
    requireNumber(best);
    if (isGreedy()) {
      int index = 0;
      while (workspace.logits[index] != best) {
        index++;
      }
      return index;
    }
    double uniform = uniforms.at(edits.acceptedCount());
    return workspace.mass.draw(workspace.logits, size, best, parameters, uniform);
  }

  private boolean isGreedy() {
    return parameters.temperature() == 0;
  }

  /** How many of the best tokens a choice is made among, given that it is made among the best. */
  private int choices() {
    return isGreedy() ? 1 : parameters.topK();
  }

  private static void requireNumber(float value) {
    if (!Float.isFinite(value)) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "The model's output is not a number: expected finite logits, got %s. The adapter or the"
                  .formatted(value)
              + " checkpoint overflows on this input");
    }
  }

  private static TrimtabException nothingPossible() {
    return new TrimtabException(
        ErrorCode.FAILED_PRECONDITION,
        "No token is possible here: every one is forbidden or has a logit of -infinity");
  }
}
