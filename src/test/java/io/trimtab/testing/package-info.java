/** What tests share. */
@NullMarked
package io.trimtab.testing;

import org.jspecify.annotations.NullMarked;
