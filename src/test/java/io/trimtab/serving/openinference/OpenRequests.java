package io.trimtab.serving.openinference;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import inference.InferParameter;
import inference.InferTensorContents;
import inference.ModelInferRequest;
import inference.ModelInferRequest.InferInputTensor;
import inference.ModelInferResponse;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** Requests as clients write them: Triton's raw, KServe's typed. */
final class OpenRequests {
  private OpenRequests() {}

  /** Raw, as Triton's clients send it; pictures are left out where there are none. */
  static ModelInferRequest.Builder raw(String model, String prompt, byte[]... pictures) {
    ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName(model);
    if (pictures.length > 0) {
      request
          .addInputs(input("image", pictures.length))
          .addRawInputContents(serialized(List.of(pictures)));
    }
    return request
        .addInputs(input("prompt", 1))
        .addRawInputContents(serialized(List.of(prompt.getBytes(UTF_8))));
  }

  /** Typed, as KServe's clients send it. */
  static ModelInferRequest.Builder typed(String model, String prompt, byte[]... pictures) {
    ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName(model);
    if (pictures.length > 0) {
      InferTensorContents.Builder contents = InferTensorContents.newBuilder();
      for (byte[] each : pictures) {
        contents.addBytesContents(ByteString.copyFrom(each));
      }
      request.addInputs(input("image", pictures.length).setContents(contents));
    }
    return request.addInputs(
        input("prompt", 1)
            .setContents(
                InferTensorContents.newBuilder()
                    .addBytesContents(ByteString.copyFromUtf8(prompt))));
  }

  static InferInputTensor.Builder input(String name, long... shape) {
    InferInputTensor.Builder input =
        InferInputTensor.newBuilder().setName(name).setDatatype("BYTES");
    for (long each : shape) {
      input.addShape(each);
    }
    return input;
  }

  /** What Python's {@code struct.pack("<I", len(s))} and the string give, for each string. */
  static ByteString serialized(List<byte[]> elements) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte[] each : elements) {
      for (int shift = 0; shift < 32; shift += 8) {
        bytes.write(each.length >> shift);
      }
      bytes.writeBytes(each);
    }
    return ByteString.copyFrom(bytes.toByteArray());
  }

  /** The text of an answer to a raw request. */
  static String rawText(ModelInferResponse response) {
    ByteString contents = response.getRawOutputContents(0);
    int length =
        (contents.byteAt(0) & 0xff)
            | (contents.byteAt(1) & 0xff) << 8
            | (contents.byteAt(2) & 0xff) << 16
            | (contents.byteAt(3) & 0xff) << 24;
    if (length != contents.size() - 4) {
      throw new AssertionError("A length of %d before %d bytes".formatted(length, contents.size()));
    }
    return contents.substring(4).toStringUtf8();
  }

  /** The text of an answer to a typed request. */
  static String typedText(ModelInferResponse response) {
    return response.getOutputs(0).getContents().getBytesContents(0).toStringUtf8();
  }

  static InferParameter string(String value) {
    return InferParameter.newBuilder().setStringParam(value).build();
  }

  static InferParameter int64(long value) {
    return InferParameter.newBuilder().setInt64Param(value).build();
  }

  static InferParameter uint64(long value) {
    return InferParameter.newBuilder().setUint64Param(value).build();
  }

  static InferParameter real(double value) {
    return InferParameter.newBuilder().setDoubleParam(value).build();
  }

  static InferParameter bool(boolean value) {
    return InferParameter.newBuilder().setBoolParam(value).build();
  }
}
