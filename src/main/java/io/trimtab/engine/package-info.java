/** Requests in, tokens out: admission, scheduler, key-value cache, sampler, the step loop. */
@NullMarked
package io.trimtab.engine;

import org.jspecify.annotations.NullMarked;
