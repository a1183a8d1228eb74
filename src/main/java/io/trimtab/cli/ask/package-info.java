/** {@code trimtab ask}: questions and answers, one by one or as a conversation. */
@NullMarked
package io.trimtab.cli.ask;

import org.jspecify.annotations.NullMarked;
