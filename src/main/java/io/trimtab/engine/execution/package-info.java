/**
 * Runs of the language model by ONNX Runtime: sessions, the buffers they read and write, the
 * key-value cache and the prefixes kept of it.
 */
@NullMarked
package io.trimtab.engine.execution;

import org.jspecify.annotations.NullMarked;
