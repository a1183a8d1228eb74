/** What is asked of an engine, and what it answers: requests, listeners, results, its state. */
@NullMarked
package io.trimtab.engine.api;

import org.jspecify.annotations.NullMarked;
