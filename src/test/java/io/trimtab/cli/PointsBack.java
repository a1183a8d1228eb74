package io.trimtab.cli;

import io.trimtab.tensor.BreaksTheWalls;
import org.jspecify.annotations.Nullable;

/** The other half of a cycle between packages, for the wall test. */
public final class PointsBack {
  @Nullable BreaksTheWalls downwards;
}
