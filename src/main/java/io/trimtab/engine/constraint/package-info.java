/** What an answer may be, as an automaton over bytes: which token may come next. */
@NullMarked
package io.trimtab.engine.constraint;

import org.jspecify.annotations.NullMarked;
