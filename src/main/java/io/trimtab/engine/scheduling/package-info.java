/** Which sequences are in the next step: admission, the queue, key-value slots, the step loop. */
@NullMarked
package io.trimtab.engine.scheduling;

import org.jspecify.annotations.NullMarked;
