package io.trimtab.engine.api;

/**
 * Decode steps in their order.
 *
 * <p>The arrays belong to the receiver.
 *
 * @param nanos of each, from planning to the last token handed out
 * @param rows sequences that each decoded, from 1
 * @param next number of the step after the last of them
 */
@SuppressWarnings("ArrayRecordComponent") // read at once and dropped; never compared
public record StepTimes(long[] nanos, int[] rows, long next) {}
