package io.trimtab.serving.inference;

import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.FinishReason;
import io.trimtab.v1.Finished;
import io.trimtab.v1.Timings;
import io.trimtab.v1.Usage;
import java.util.List;

/** Reads a server's answers: what {@link AnswerWriter} writes, backwards. */
final class AnswerReader {
  private AnswerReader() {}

  static ServedBy servedBy(io.trimtab.v1.ServedBy servedBy) {
    return new ServedBy(
        servedBy.getModel(),
        servedBy.getModelDigest(),
        servedBy.getAdapter(),
        servedBy.getRevision(),
        servedBy.getAdapterDigest(),
        servedBy.getScale());
  }

  static List<TokenLogprob> logprobs(List<io.trimtab.v1.TokenLogprob> logprobs) {
    return logprobs.stream()
        .map(
            logprob ->
                new TokenLogprob(
                    logprob.getToken(),
                    logprob.getText(),
                    logprob.getLogprob(),
                    logprobs(logprob.getTopList())))
        .toList();
  }

  static Completion completion(Finished finished) {
    Usage usage = finished.getUsage();
    Timings timings = finished.getTimings();
    return new Completion(
        reason(finished.getReason()),
        finished.getText(),
        new Completion.Usage(
            usage.getPromptTokens(),
            usage.getImageTokens(),
            usage.getCompletionTokens(),
            usage.getCachedPromptTokens()),
        new Completion.Timings(
            timings.getQueueUs(),
            timings.getPreprocessUs(),
            timings.getVisionUs(),
            timings.getPrefillUs(),
            timings.getDecodeUs()));
  }

  private static Completion.FinishReason reason(FinishReason reason) {
    return switch (reason) {
      case FINISH_REASON_STOP -> Completion.FinishReason.STOP;
      case FINISH_REASON_LENGTH -> Completion.FinishReason.LENGTH;
      case FINISH_REASON_CANCELLED -> Completion.FinishReason.CANCELLED;
      case FINISH_REASON_UNSPECIFIED, UNRECOGNIZED ->
          throw new TrimtabException(
              ErrorCode.INTERNAL, "The server finished for a reason unknown here: " + reason);
    };
  }
}
