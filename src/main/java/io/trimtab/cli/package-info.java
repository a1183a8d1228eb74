/**
 * The command line: a package for each command, and what they share in {@code terminal}, {@code
 * remote} and {@code local}.
 */
@NullMarked
package io.trimtab.cli;

import org.jspecify.annotations.NullMarked;
