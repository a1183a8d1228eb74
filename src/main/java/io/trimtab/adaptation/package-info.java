/** The loop that makes adapter revisions: so far, how one comes to be and is put to use. */
@NullMarked
package io.trimtab.adaptation;

import org.jspecify.annotations.NullMarked;
