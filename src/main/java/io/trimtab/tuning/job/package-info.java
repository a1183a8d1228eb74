/**
 * What goes into a tuning job and what comes out of it, as plain data: seen by both of its ends.
 */
@NullMarked
package io.trimtab.tuning.job;

import org.jspecify.annotations.NullMarked;
