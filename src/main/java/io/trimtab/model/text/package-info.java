/**
 * Text on both sides of the model: chat template, tokenizer, and the stream of whole characters.
 */
@NullMarked
package io.trimtab.model.text;

import org.jspecify.annotations.NullMarked;
