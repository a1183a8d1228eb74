/** {@code trimtab bench}: the figures of bench/README.md. */
@NullMarked
package io.trimtab.cli.bench;

import org.jspecify.annotations.NullMarked;
