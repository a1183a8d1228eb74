package io.trimtab.drift;

/**
 * What a watch remembers of a revision: of fixed size, however many answers were read. Arrays are
 * by quantity, but for those that say otherwise. They belong to the state.
 *
 * @param keys of the quantities, so that a state of other quantities is not taken for this one's
 * @param answers read
 * @param gathered answers since the inputs were calm, all where they always were
 * @param tokens of these
 * @param repeated answers that were left out since the same question had just been read
 * @param evidence of the e-detectors by kind of question and quantity, {@link EDetector#STATE}
 *     numbers each
 * @param page of the cumulative sums, likewise
 * @param recent moving mean of what a quantity exceeds its bound by, likewise
 * @param base sum of what base did
 * @param tuned sum of what the tuned model did
 * @param levels ordinal of each quantity's level
 * @param inputs keys of the latest questions, a ring
 */
@SuppressWarnings("ArrayRecordComponent") // one per revision, written and read whole
record WatchState(
    String[] keys,
    long answers,
    long gathered,
    long tokens,
    long repeated,
    double[] evidence,
    double[] page,
    double[] recent,
    double[] base,
    double[] tuned,
    int[] levels,
    long[] inputs) {}
