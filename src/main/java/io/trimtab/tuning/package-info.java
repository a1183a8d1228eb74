/**
 * Dataset in, delta out: the differentiable language model and its trainer, run in a process of its
 * own.
 */
@NullMarked
package io.trimtab.tuning;

import org.jspecify.annotations.NullMarked;
