/** Tuning jobs: from examples to a candidate, and from a candidate to a published revision. */
@NullMarked
package io.trimtab.adaptation.job;

import org.jspecify.annotations.NullMarked;
