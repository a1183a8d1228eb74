/** {@code trimtab up}: options of a server, and who starts one. */
@NullMarked
package io.trimtab.cli.up;

import org.jspecify.annotations.NullMarked;
