/** HTTP as OpenAI's clients and those of vLLM speak it. */
@NullMarked
package io.trimtab.serving.openai;

import org.jspecify.annotations.NullMarked;
