package io.trimtab.serving.inference;

import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.ModelSummary;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.serving.CallIds;
import io.trimtab.v1.Delta;
import io.trimtab.v1.FinishReason;
import io.trimtab.v1.Finished;
import io.trimtab.v1.GenerateEvent;
import io.trimtab.v1.GenerateResponse;
import io.trimtab.v1.ModelDescription;
import io.trimtab.v1.ScoreResponse;
import io.trimtab.v1.Started;
import io.trimtab.v1.Timings;
import io.trimtab.v1.Usage;
import java.util.List;

/** Writes the engine's records for the wire. */
final class AnswerWriter {
  private AnswerWriter() {}

  static GenerateEvent started(CallIds ids, ServedBy servedBy) {
    return GenerateEvent.newBuilder()
        .setStarted(
            Started.newBuilder()
                .setRequestId(ids.requestId())
                .setPredictionId(ids.predictionId())
                .setServedBy(servedBy(servedBy)))
        .build();
  }

  static GenerateEvent delta(String text, List<TokenLogprob> logprobs) {
    return GenerateEvent.newBuilder()
        .setDelta(Delta.newBuilder().setText(text).addAllLogprobs(logprobs(logprobs)))
        .build();
  }

  static GenerateEvent finished(Completion completion) {
    return GenerateEvent.newBuilder()
        .setFinished(
            Finished.newBuilder()
                .setReason(reason(completion.reason()))
                .setText(completion.text())
                .setUsage(usage(completion.usage()))
                .setTimings(timings(completion.timings())))
        .build();
  }

  static GenerateResponse response(
      CallIds ids, ServedBy servedBy, Completion completion, List<TokenLogprob> logprobs) {
    return GenerateResponse.newBuilder()
        .setRequestId(ids.requestId())
        .setPredictionId(ids.predictionId())
        .setServedBy(servedBy(servedBy))
        .setText(completion.text())
        .setReason(reason(completion.reason()))
        .addAllLogprobs(logprobs(logprobs))
        .setUsage(usage(completion.usage()))
        .setTimings(timings(completion.timings()))
        .build();
  }

  static ScoreResponse score(ScoringResult result) {
    return ScoreResponse.newBuilder()
        .setServedBy(servedBy(result.servedBy()))
        .addAllTokens(logprobs(result.tokens()))
        .setTotalLogprob(result.totalLogprob())
        .addAllPromptTokens(logprobs(result.promptTokens()))
        .build();
  }

  static ModelDescription model(ModelSummary model) {
    return ModelDescription.newBuilder()
        .setName(model.name())
        .setFamily(model.family())
        .setDigest(model.digest())
        .setPrecision(model.precision())
        .setDevice(model.device())
        .setMaxSequenceTokens(model.maxSequenceTokens())
        .setMaxBatch(model.maxBatch())
        .addAllAdapterTargets(model.adapterTargets())
        .build();
  }

  private static io.trimtab.v1.ServedBy servedBy(ServedBy servedBy) {
    return io.trimtab.v1.ServedBy.newBuilder()
        .setModel(servedBy.model())
        .setModelDigest(servedBy.modelDigest())
        .setAdapter(servedBy.adapter())
        .setRevision(servedBy.revision())
        .setAdapterDigest(servedBy.adapterDigest())
        .setScale(servedBy.scale())
        .build();
  }

  private static List<io.trimtab.v1.TokenLogprob> logprobs(List<TokenLogprob> logprobs) {
    return logprobs.stream().map(AnswerWriter::logprob).toList();
  }

  private static io.trimtab.v1.TokenLogprob logprob(TokenLogprob logprob) {
    return io.trimtab.v1.TokenLogprob.newBuilder()
        .setToken(logprob.token())
        .setText(logprob.text())
        .setLogprob(logprob.logprob())
        .addAllTop(logprobs(logprob.top()))
        .build();
  }

  private static FinishReason reason(Completion.FinishReason reason) {
    return switch (reason) {
      case STOP -> FinishReason.FINISH_REASON_STOP;
      case LENGTH -> FinishReason.FINISH_REASON_LENGTH;
      case CANCELLED -> FinishReason.FINISH_REASON_CANCELLED;
    };
  }

  private static Usage usage(Completion.Usage usage) {
    return Usage.newBuilder()
        .setPromptTokens(usage.promptTokens())
        .setImageTokens(usage.imageTokens())
        .setCompletionTokens(usage.completionTokens())
        .setCachedPromptTokens(usage.cachedPromptTokens())
        .build();
  }

  private static Timings timings(Completion.Timings timings) {
    return Timings.newBuilder()
        .setQueueUs(timings.queueMicros())
        .setPreprocessUs(timings.preprocessMicros())
        .setVisionUs(timings.visionMicros())
        .setPrefillUs(timings.prefillMicros())
        .setDecodeUs(timings.decodeMicros())
        .build();
  }
}
