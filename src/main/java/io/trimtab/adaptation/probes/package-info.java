/** Questions that a tuned model must still answer as before, and prompts to rehearse on. */
@NullMarked
package io.trimtab.adaptation.probes;

import org.jspecify.annotations.NullMarked;
