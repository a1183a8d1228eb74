/** {@code trimtab drift}: what the drift watch saw. */
@NullMarked
package io.trimtab.cli.drift;

import org.jspecify.annotations.NullMarked;
