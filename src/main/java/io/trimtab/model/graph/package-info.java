/** Writes ONNX graphs from a checkpoint: language model, vision tower, projector. */
@NullMarked
package io.trimtab.model.graph;

import org.jspecify.annotations.NullMarked;
