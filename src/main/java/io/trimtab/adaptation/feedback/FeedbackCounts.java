package io.trimtab.adaptation.feedback;

import java.time.Instant;
import java.util.Optional;

/**
 * How much feedback there is for an adapter.
 *
 * @param examples all that are kept
 * @param usable of them, those that are trained on
 * @param fresh of the usable ones, those that no tuning has seen
 * @param ratings those without a correction
 * @param retracted those that were taken back
 * @param oldestFresh when the oldest fresh one was received
 * @param newestFresh when the newest fresh one was received
 */
public record FeedbackCounts(
    int examples,
    int usable,
    int fresh,
    int ratings,
    int retracted,
    Optional<Instant> oldestFresh,
    Optional<Instant> newestFresh) {}
