/**
 * Files and fine-tuning jobs as OpenAI's clients know them, over the same corrections and the same
 * jobs as {@code trimtab.v1.Feedback} and {@code trimtab.v1.Tuning}.
 */
@NullMarked
package io.trimtab.serving.finetuning;

import org.jspecify.annotations.NullMarked;
