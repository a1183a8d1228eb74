package io.trimtab.study.gate;

import io.trimtab.study.lab.EvaluationSets.Marks;
import org.jspecify.annotations.Nullable;

/**
 * What became of a candidate.
 *
 * @param published whether the gate let it pass
 * @param scale at which it was judged
 * @param refusedBy the checks that refused it, or what its training ended with; empty for none
 * @param scales what the gate found at each scale that it tried; empty where it was not asked
 * @param marks in an evaluation set that the gate knows nothing of, at that scale; null where
 *     nothing was trained
 * @param seconds of training
 */
record GateRecord(
    boolean published,
    float scale,
    String refusedBy,
    String scales,
    @Nullable Marks marks,
    double seconds) {}
