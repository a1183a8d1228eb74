/**
 * How an adapter's revision comes to be and is put to use; the loop's parts are the packages below.
 */
@NullMarked
package io.trimtab.adaptation;

import org.jspecify.annotations.NullMarked;
