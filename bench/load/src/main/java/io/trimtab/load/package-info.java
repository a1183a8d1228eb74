/**
 * Clients of many kinds that load a running server from outside and hold its answers against
 * isolated ones.
 */
@NullMarked
package io.trimtab.load;

import org.jspecify.annotations.NullMarked;
