/**
 * The bundled world, drawn: a small closed set of pictures with questions, some of which the
 * bundled models answer and some of which they are to learn. Everything follows from a seed.
 */
@NullMarked
package io.trimtab.world;

import org.jspecify.annotations.NullMarked;
