/** Immutable objects: blobs by digest, and lines of numbered versions. */
@NullMarked
package io.trimtab.store;

import org.jspecify.annotations.NullMarked;
