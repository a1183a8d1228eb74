/** {@code trimtab demo}: the whole loop on a bundled model. */
@NullMarked
package io.trimtab.cli.demo;

import org.jspecify.annotations.NullMarked;
