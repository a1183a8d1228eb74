/** Tuning jobs over {@code trimtab.v1.Tuning}. */
@NullMarked
package io.trimtab.serving.tuning;

import org.jspecify.annotations.NullMarked;
