/** A bundled model that can be taught and examined: lessons, training, exams, what it says. */
@NullMarked
package io.trimtab.study.lab;

import org.jspecify.annotations.NullMarked;
