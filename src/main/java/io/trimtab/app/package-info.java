/** Configuration, wiring and life cycle of the server. */
@NullMarked
package io.trimtab.app;

import org.jspecify.annotations.NullMarked;
