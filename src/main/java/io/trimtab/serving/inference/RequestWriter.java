package io.trimtab.serving.inference;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.SamplingParameters.EndTokens;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.TextPart;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.Image;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import io.trimtab.v1.Sampling;

/** Writes the engine's requests for the wire: what {@link RequestReader} reads, backwards. */
final class RequestWriter {
  private RequestWriter() {}

  static GenerateRequest generation(GenerationRequest request) {
    return GenerateRequest.newBuilder()
        .setRequestId(request.requestId())
        .setAdapter(request.adapter())
        .addAllMessages(request.messages().stream().map(RequestWriter::message).toList())
        .setSampling(sampling(request.sampling()))
        .build();
  }

  private static Message message(ChatMessage message) {
    return Message.newBuilder()
        .setRole(message.role().wireName())
        .addAllParts(message.parts().stream().map(RequestWriter::part).toList())
        .build();
  }

  private static Part part(ContentPart part) {
    return switch (part) {
      case TextPart(String text) -> Part.newBuilder().setText(text).build();
      case PicturePart(var picture) -> {
        // A picture's bytes never change, so they need no copy.
        ByteString bytes = UnsafeByteOperations.unsafeWrap(picture.encoded());
        yield Part.newBuilder().setImage(Image.newBuilder().setData(bytes)).build();
      }
    };
  }

  static Sampling sampling(SamplingParameters parameters) {
    Sampling.Builder sampling =
        Sampling.newBuilder()
            .setMaxTokens(parameters.maxTokens())
            .setTemperature(parameters.temperature())
            .setTopP(parameters.topP())
            .setTopK(parameters.topK())
            .setMinP(parameters.minP())
            .setRepetitionPenalty(parameters.repetitionPenalty())
            .setPresencePenalty(parameters.presencePenalty())
            .setFrequencyPenalty(parameters.frequencyPenalty())
            .putAllLogitBias(parameters.logitBias())
            .addAllStop(parameters.stop())
            .addAllStopTokenIds(parameters.stopTokenIds())
            .setMinTokens(parameters.minTokens())
            .setIgnoreEos(parameters.endTokens() == EndTokens.IGNORE)
            .setTopLogprobs(parameters.topLogprobs());
    parameters.seed().ifPresent(sampling::setSeed);
    return sampling.build();
  }
}
