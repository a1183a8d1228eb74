package io.trimtab.engine.api;

/**
 * What an engine has done since it started; all but the first four only grow.
 *
 * @param running sequences that hold a slot now
 * @param waiting requests that wait for one now, those being prepared included
 * @param runningInBackground those of {@code running} that are {@link Priority#BACKGROUND}
 * @param waitingInBackground those of {@code waiting} that are
 * @param decodeSteps decode steps run
 * @param decodedTokens tokens generated in them
 * @param prefilledTokens prompt tokens run
 * @param reusedTokens prompt tokens whose keys and values were copied from an earlier prompt
 * @param decodeNanos nanoseconds in decode steps, from planning to the last token handed out
 * @param decodeRunNanos the part of these inside ONNX Runtime's run call
 * @param prefillNanos nanoseconds in prefill runs
 * @param moves slots copied to another place
 */
public record EngineStatistics(
    int running,
    int waiting,
    int runningInBackground,
    int waitingInBackground,
    long decodeSteps,
    long decodedTokens,
    long prefilledTokens,
    long reusedTokens,
    long decodeNanos,
    long decodeRunNanos,
    long prefillNanos,
    long moves) {
  /** What was done since an earlier moment. */
  public EngineStatistics since(EngineStatistics earlier) {
    return new EngineStatistics(
        running,
        waiting,
        runningInBackground,
        waitingInBackground,
        decodeSteps - earlier.decodeSteps,
        decodedTokens - earlier.decodedTokens,
        prefilledTokens - earlier.prefilledTokens,
        reusedTokens - earlier.reusedTokens,
        decodeNanos - earlier.decodeNanos,
        decodeRunNanos - earlier.decodeRunNanos,
        prefillNanos - earlier.prefillNanos,
        moves - earlier.moves);
  }
}
