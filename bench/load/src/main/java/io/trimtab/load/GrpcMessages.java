package io.trimtab.load;

import com.google.protobuf.ByteString;
import inference.InferParameter;
import inference.ModelInferRequest;
import inference.ModelInferRequest.InferInputTensor;
import inference.ModelInferResponse;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.Image;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import io.trimtab.v1.Sampling;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The messages of both gRPC services. */
final class GrpcMessages {
  private static final String FINAL = "triton_final_response";
  private static final int LENGTH_BYTES = 4;

  private GrpcMessages() {}

  static GenerateRequest generate(Target target) {
    Message.Builder message = Message.newBuilder().setRole("user");
    target
        .question()
        .picture()
        .ifPresent(
            png ->
                message.addParts(
                    Part.newBuilder()
                        .setImage(Image.newBuilder().setData(ByteString.copyFrom(png)))));
    message.addParts(Part.newBuilder().setText(target.question().text()));
    return GenerateRequest.newBuilder()
        .setAdapter(target.model())
        .addMessages(message)
        .setSampling(Sampling.newBuilder().setMaxTokens(target.tokens()))
        .build();
  }

  /** As Triton's clients write it: raw contents. */
  static ModelInferRequest infer(Target target) {
    int at = target.model().indexOf('@');
    ModelInferRequest.Builder request =
        ModelInferRequest.newBuilder()
            .setModelName(at < 0 ? target.model() : target.model().substring(0, at))
            .setModelVersion(at < 0 ? "" : target.model().substring(at + 1))
            .putParameters("max_tokens", number(target.tokens()))
            .putParameters("temperature", number(0));
    target
        .question()
        .picture()
        .ifPresent(png -> request.addInputs(input("image")).addRawInputContents(raw(png)));
    return request
        .addInputs(input("prompt"))
        .addRawInputContents(raw(target.question().text().getBytes(StandardCharsets.UTF_8)))
        .build();
  }

  static String text(ModelInferResponse response) {
    return response.getRawOutputContentsCount() == 0
        ? ""
        : response.getRawOutputContents(0).substring(LENGTH_BYTES).toStringUtf8();
  }

  static boolean isFinal(ModelInferResponse response) {
    return response
        .getParametersOrDefault(FINAL, InferParameter.getDefaultInstance())
        .getBoolParam();
  }

  /** The status of a request that failed in its stream, as gRPC names it. */
  static String status(ModelInferResponse response) {
    return response
        .getParametersOrDefault("status", InferParameter.getDefaultInstance())
        .getStringParam();
  }

  private static InferInputTensor.Builder input(String name) {
    return InferInputTensor.newBuilder().setName(name).setDatatype("BYTES").addShape(1);
  }

  private static ByteString raw(byte[] element) {
    ByteBuffer bytes =
        ByteBuffer.allocate(LENGTH_BYTES + element.length).order(ByteOrder.LITTLE_ENDIAN);
    return ByteString.copyFrom(bytes.putInt(element.length).put(element).flip());
  }

  private static InferParameter number(long value) {
    return InferParameter.newBuilder().setInt64Param(value).build();
  }
}
