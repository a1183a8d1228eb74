/**
 * Kafka: feedback in, notices of adapters and of tuning out, dead letters, and the broker that runs
 * in this process where no cluster is named.
 */
@NullMarked
package io.trimtab.events;

import org.jspecify.annotations.NullMarked;
