/** {@code trimtab tune}: jobs started, listed, followed, cancelled. */
@NullMarked
package io.trimtab.cli.tune;

import org.jspecify.annotations.NullMarked;
