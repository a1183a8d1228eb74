/** What is done when a revision drifts: signal, decision, action, and the record of all three. */
@NullMarked
package io.trimtab.adaptation.governor;

import org.jspecify.annotations.NullMarked;
