/**
 * Deltas on their way to the batch: warm ones in host memory, those of running requests in the
 * arena beside their key-value slots.
 */
@NullMarked
package io.trimtab.engine.delta;

import org.jspecify.annotations.NullMarked;
