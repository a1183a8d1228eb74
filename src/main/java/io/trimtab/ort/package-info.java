/**
 * ONNX Runtime's C API through the foreign memory API: sessions, bindings, tensors. Nothing else.
 */
@NullMarked
package io.trimtab.ort;

import org.jspecify.annotations.NullMarked;
