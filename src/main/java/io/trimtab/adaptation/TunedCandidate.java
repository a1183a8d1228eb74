package io.trimtab.adaptation;

import io.trimtab.adaptation.gate.Envelope;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.GateReport;
import java.nio.file.Path;
import java.time.Instant;

/**
 * What a tuning job has made, judged.
 *
 * @param folder PEFT folder with both files
 * @param jobId its origin: the same job never publishes twice
 * @param begun when the job was ordered; an adapter that was deleted since is not its adapter
 * @param parentDigest always empty: each job trains from base
 * @param scale 0 to 1: what the gate lets it be served at
 * @param gate PASSED: it is activated; REFUSED: it is kept as REJECTED
 * @param envelope kept with it either way
 */
public record TunedCandidate(
    AdapterId id,
    Path folder,
    String jobId,
    Instant begun,
    String parentDigest,
    float scale,
    GateReport gate,
    Envelope envelope) {}
