package io.trimtab.testing;

import io.trimtab.model.text.Prompt;
import io.trimtab.model.text.RopePositions;
import java.util.List;

/** Prompts without a model. */
public final class Prompts {
  private Prompts() {}

  /** Without pictures. */
  public static Prompt of(int... tokens) {
    return new Prompt(tokens, List.of(), RopePositions.sequential(tokens.length));
  }
}
