/** Deltas uploaded, listed, switched and downloaded over {@code trimtab.v1.Adapters}. */
@NullMarked
package io.trimtab.serving.adapters;

import org.jspecify.annotations.NullMarked;
