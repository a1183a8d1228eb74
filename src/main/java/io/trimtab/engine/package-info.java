/**
 * Requests in, tokens out. {@link Engine} prepares what {@code api} asks, and makes a task of it;
 * {@code scheduling} says which tasks are in the next step, {@code execution} runs it, {@code
 * sampling} chooses the tokens. Pictures come from {@code vision}, tenants' weights from {@code
 * delta}, what an answer may be from {@code constraint}.
 */
@NullMarked
package io.trimtab.engine;

import org.jspecify.annotations.NullMarked;
