package io.trimtab.serving.openinference;

import com.google.protobuf.ByteString;
import inference.InferParameter;
import inference.InferTensorContents;
import inference.ModelInferRequest;
import inference.ModelInferResponse;
import inference.ModelInferResponse.InferOutputTensor;
import inference.ModelStreamInferResponse;
import io.grpc.Status;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.serving.grpc.StatusMapping;
import java.util.Locale;

/** Writes what answers one request: in the form of its inputs, and under its names. */
final class InferResponseWriter {
  /** Whether more responses follow in the stream; the name is Triton's. */
  static final String FINAL = "triton_final_response";

  /** A longer id is refused, and not sent back. */
  private static final int ID_CHARACTERS_MAX = 128;

  private final String model;
  private final String id;
  private final boolean raw;
  private final String predictionId;

  InferResponseWriter(ModelInferRequest request, String predictionId) {
    this.model = request.getModelName();
    this.id = request.getId().length() <= ID_CHARACTERS_MAX ? request.getId() : "";
    this.raw = request.getRawInputContentsCount() > 0;
    this.predictionId = predictionId;
  }

  /** The whole answer. */
  ModelInferResponse whole(ServedBy servedBy, Completion completion) {
    return described(answer(servedBy, completion.text()), servedBy, completion).build();
  }

  /** A piece of text of which more follow. */
  ModelStreamInferResponse piece(ServedBy servedBy, String text) {
    return streamed(answer(servedBy, text).putParameters(FINAL, of(false)));
  }

  /** The last piece, and what there is to say of the whole. */
  ModelStreamInferResponse last(ServedBy servedBy, String rest, Completion completion) {
    return streamed(
        described(answer(servedBy, rest), servedBy, completion).putParameters(FINAL, of(true)));
  }

  /** Why there is no more, or nothing at all. */
  ModelStreamInferResponse failure(Throwable failure) {
    Status status = StatusMapping.toError(failure).getStatus();
    String description = status.getDescription();
    return ModelStreamInferResponse.newBuilder()
        // An empty one would say that all is well.
        .setErrorMessage(
            description == null || description.isEmpty()
                ? status.getCode().toString()
                : description)
        .setInferResponse(
            ModelInferResponse.newBuilder()
                .setId(id)
                .putParameters("status", of(status.getCode().toString()))
                .putParameters(FINAL, of(true)))
        .build();
  }

  private ModelInferResponse.Builder answer(ServedBy servedBy, String text) {
    ModelInferResponse.Builder response =
        ModelInferResponse.newBuilder()
            .setModelName(model)
            .setModelVersion(String.valueOf(servedBy.revision()))
            .setId(id);
    ByteString element = ByteString.copyFromUtf8(text);
    InferOutputTensor.Builder output =
        InferOutputTensor.newBuilder()
            .setName(TensorSpec.TEXT.name())
            .setDatatype(TensorSpec.DATATYPE)
            .addShape(TensorSpec.TEXT.elements());
    if (raw) {
      response.addRawOutputContents(RawElements.of(element));
    } else {
      output.setContents(InferTensorContents.newBuilder().addBytesContents(element));
    }
    return response.addOutputs(output);
  }

  private ModelInferResponse.Builder described(
      ModelInferResponse.Builder response, ServedBy servedBy, Completion completion) {
    Completion.Usage usage = completion.usage();
    return response
        .putParameters("prediction_id", of(predictionId))
        .putParameters("finish_reason", of(completion.reason().name().toLowerCase(Locale.ROOT)))
        .putParameters("model", of(servedBy.model()))
        .putParameters("model_digest", of(servedBy.modelDigest()))
        .putParameters("adapter", of(servedBy.adapter()))
        .putParameters("revision", of(servedBy.revision()))
        .putParameters("adapter_digest", of(servedBy.adapterDigest()))
        .putParameters("scale", of(servedBy.scale()))
        .putParameters("prompt_tokens", of(usage.promptTokens()))
        .putParameters("image_tokens", of(usage.imageTokens()))
        .putParameters("completion_tokens", of(usage.completionTokens()))
        .putParameters("cached_prompt_tokens", of(usage.cachedPromptTokens()));
  }

  private static ModelStreamInferResponse streamed(ModelInferResponse.Builder response) {
    return ModelStreamInferResponse.newBuilder().setInferResponse(response).build();
  }

  private static InferParameter of(boolean value) {
    return InferParameter.newBuilder().setBoolParam(value).build();
  }

  private static InferParameter of(int value) {
    return InferParameter.newBuilder().setInt64Param(value).build();
  }

  private static InferParameter of(float value) {
    return InferParameter.newBuilder().setDoubleParam(value).build();
  }

  private static InferParameter of(String value) {
    return InferParameter.newBuilder().setStringParam(value).build();
  }
}
