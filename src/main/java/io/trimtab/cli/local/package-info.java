/** A model opened in the command's own process. */
@NullMarked
package io.trimtab.cli.local;

import org.jspecify.annotations.NullMarked;
