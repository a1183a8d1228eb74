/**
 * Experiments on the bundled world as commands: the server's own engine, trainer and gate, without
 * its edges, its broker and its jobs.
 */
@NullMarked
package io.trimtab.study;

import org.jspecify.annotations.NullMarked;
