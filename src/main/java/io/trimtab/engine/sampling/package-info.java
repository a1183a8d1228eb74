/** From a row of logits to the next token. */
@NullMarked
package io.trimtab.engine.sampling;

import org.jspecify.annotations.NullMarked;
