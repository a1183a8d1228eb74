/**
 * What is told to Prometheus, under vLLM's names where one exists and {@code trimtab_} for the
 * rest. Requests are counted as they end; all else is read when it is asked for.
 */
@NullMarked
package io.trimtab.serving.metrics;

import org.jspecify.annotations.NullMarked;
