/** The one way a part of Trimtab refuses: a code and a message that says what was expected. */
@NullMarked
package io.trimtab.error;

import org.jspecify.annotations.NullMarked;
