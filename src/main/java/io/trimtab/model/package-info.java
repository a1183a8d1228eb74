/**
 * A checkpoint folder as data: configuration, weights, and the prompt that a conversation becomes.
 */
@NullMarked
package io.trimtab.model;

import org.jspecify.annotations.NullMarked;
