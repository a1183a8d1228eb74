/** {@code trimtab probes}: questions with known answers, made and checked. */
@NullMarked
package io.trimtab.cli.probes;

import org.jspecify.annotations.NullMarked;
