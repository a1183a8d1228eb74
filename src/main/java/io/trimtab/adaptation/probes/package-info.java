/** Probes: questions with which forgetting is measured, and prompts that are rehearsed. */
@NullMarked
package io.trimtab.adaptation.probes;

import org.jspecify.annotations.NullMarked;
