/** Evaluation and gate: what a candidate does, measured, and whether it may be published. */
@NullMarked
package io.trimtab.adaptation.gate;

import org.jspecify.annotations.NullMarked;
