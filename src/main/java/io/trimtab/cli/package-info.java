/** The command line. */
@NullMarked
package io.trimtab.cli;

import org.jspecify.annotations.NullMarked;
