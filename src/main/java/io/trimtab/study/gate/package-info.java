/** {@code trimtab study gate}: how the gate judges candidates whose worth is known. */
@NullMarked
package io.trimtab.study.gate;

import org.jspecify.annotations.NullMarked;
