/** Shows that ONNX Runtime, and the graphs that we write, do what the rest builds on. */
@NullMarked
package io.trimtab.ort;

import org.jspecify.annotations.NullMarked;
