/** Element types, shapes and native memory. No engine in it. */
@NullMarked
package io.trimtab.tensor;

import org.jspecify.annotations.NullMarked;
