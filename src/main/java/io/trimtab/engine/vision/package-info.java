/** From a picture to the embeddings that stand for it in a prompt: vision tower and projector. */
@NullMarked
package io.trimtab.engine.vision;

import org.jspecify.annotations.NullMarked;
