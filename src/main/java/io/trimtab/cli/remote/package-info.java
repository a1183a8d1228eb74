/** A running server, as commands ask it. */
@NullMarked
package io.trimtab.cli.remote;

import org.jspecify.annotations.NullMarked;
