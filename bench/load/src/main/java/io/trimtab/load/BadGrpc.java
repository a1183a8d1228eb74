package io.trimtab.load;

import com.google.protobuf.ByteString;
import inference.ModelInferRequest;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.Image;
import io.trimtab.v1.Part;
import java.util.concurrent.ThreadLocalRandom;

/** A gRPC request that has to be refused, of either service. */
enum BadGrpc {
  GENERATE_NOBODY("Generate of an adapter that isn't there", "NOT_FOUND"),
  GENERATE_NOTHING("Generate without messages", "INVALID_ARGUMENT"),
  GENERATE_NO_PICTURE("Generate with a picture that is none", "INVALID_ARGUMENT"),
  INFER_NOBODY("ModelStreamInfer of a model that isn't there", "NOT_FOUND"),
  INFER_NOTHING("ModelStreamInfer without inputs", "INVALID_ARGUMENT");

  private final String what;
  private final String status;

  BadGrpc(String what, String status) {
    this.what = what;
    this.status = status;
  }

  static BadGrpc any() {
    return values()[ThreadLocalRandom.current().nextInt(values().length)];
  }

  String what() {
    return what;
  }

  /** How gRPC has to end it. */
  String status() {
    return status;
  }

  /** Asks it in the place of something good. */
  Reply ask(GrpcCalls grpc, Target good) {
    GenerateRequest generate = GrpcMessages.generate(good);
    ModelInferRequest infer = GrpcMessages.infer(good);
    return switch (this) {
      case GENERATE_NOBODY ->
          grpc.generate(good.tenant(), generate.toBuilder().setAdapter("nobody").build(), () -> {});
      case GENERATE_NOTHING ->
          grpc.generate(good.tenant(), generate.toBuilder().clearMessages().build(), () -> {});
      case GENERATE_NO_PICTURE -> grpc.generate(good.tenant(), withoutPicture(generate), () -> {});
      case INFER_NOBODY ->
          grpc.infer(
              good.tenant(),
              infer.toBuilder().setModelName("nobody").setModelVersion("").build(),
              () -> {});
      case INFER_NOTHING ->
          grpc.infer(
              good.tenant(),
              infer.toBuilder().clearInputs().clearRawInputContents().build(),
              () -> {});
    };
  }

  private static GenerateRequest withoutPicture(GenerateRequest request) {
    GenerateRequest.Builder builder = request.toBuilder();
    builder
        .getMessagesBuilder(0)
        .addParts(
            Part.newBuilder()
                .setImage(Image.newBuilder().setData(ByteString.copyFromUtf8("hello"))));
    return builder.build();
  }
}
