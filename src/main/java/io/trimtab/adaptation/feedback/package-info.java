/** Corrections: what comes in, what is kept of it, and when there is enough to tune. */
@NullMarked
package io.trimtab.adaptation.feedback;

import org.jspecify.annotations.NullMarked;
