/** Shows what a written graph holds; that it runs is shown beside ONNX Runtime's binding. */
@NullMarked
package io.trimtab.model.graph;

import org.jspecify.annotations.NullMarked;
