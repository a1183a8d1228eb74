/** A bundled model to train candidates of, to judge them and to measure what they answer. */
@NullMarked
package io.trimtab.study.lab;

import org.jspecify.annotations.NullMarked;
