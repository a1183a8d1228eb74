/** {@code trimtab feedback}: corrections sent, listed, exported, tried again. */
@NullMarked
package io.trimtab.cli.feedback;

import org.jspecify.annotations.NullMarked;
