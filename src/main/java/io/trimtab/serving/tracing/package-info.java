/**
 * What OpenTelemetry is told: a span for each request with its phases, for each tuning job, for
 * each action of the governor. No prompts, no pictures, no answers.
 */
@NullMarked
package io.trimtab.serving.tracing;

import org.jspecify.annotations.NullMarked;
