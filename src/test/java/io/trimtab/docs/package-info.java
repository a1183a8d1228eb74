/** What README and docs/ say is held against the program. */
@NullMarked
package io.trimtab.docs;

import org.jspecify.annotations.NullMarked;
