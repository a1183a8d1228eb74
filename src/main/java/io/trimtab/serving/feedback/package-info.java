/**
 * Corrections and ratings: over {@code trimtab.v1.Feedback}, as JSON over HTTP, and as CloudEvents.
 */
@NullMarked
package io.trimtab.serving.feedback;

import org.jspecify.annotations.NullMarked;
