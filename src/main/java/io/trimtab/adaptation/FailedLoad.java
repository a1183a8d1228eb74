package io.trimtab.adaptation;

import io.trimtab.adapter.AdapterId;
import java.time.Instant;

/**
 * A version of an adapter that another process wrote and that this one can't take yet.
 *
 * @param since when it was first tried
 * @param attempts so far, from 1
 * @param reason of the latest attempt, for the operator's eyes
 */
public record FailedLoad(
    AdapterId id, Instant since, Instant latest, int attempts, String reason) {}
