package io.trimtab.serving.openinference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import inference.InferTensorContents;
import inference.ModelInferRequest;
import inference.ModelInferRequest.InferInputTensor;
import inference.ModelInferRequest.InferRequestedOutputTensor;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.Part;
import java.util.List;
import org.junit.jupiter.api.Test;

final class InferRequestReaderTest {
  private static final byte[] ONE = {1, 2, 3};
  private static final byte[] OTHER = {4};

  private final InferRequestReader reader = new InferRequestReader(3);

  @Test
  void rawAndTypedContentsAreReadAlikePicturesFirst() {
    GenerateRequest raw = read(OpenRequests.raw("base", "Größe?", ONE, OTHER));

    assertThat(read(OpenRequests.typed("base", "Größe?", ONE, OTHER))).isEqualTo(raw);
    assertThat(raw.getAdapter()).isEqualTo("base");
    assertThat(raw.getMessagesList()).hasSize(1);
    assertThat(raw.getMessages(0).getRole()).isEqualTo("user");
    List<Part> parts = raw.getMessages(0).getPartsList();
    assertThat(parts.subList(0, 2))
        .extracting(part -> part.getImage().getData())
        .containsExactly(ByteString.copyFrom(ONE), ByteString.copyFrom(OTHER));
    assertThat(parts.get(2).getText()).isEqualTo("Größe?");
  }

  @Test
  void picturesMayBeNoneOrLeftOutAndComeInEitherOrder() {
    GenerateRequest without = read(OpenRequests.raw("base", "Hello"));
    assertThat(
            read(
                OpenRequests.raw("base", "Hello")
                    .addInputs(OpenRequests.input("image", 0))
                    .addRawInputContents(ByteString.EMPTY)))
        .isEqualTo(without);
    assertThat(read(OpenRequests.typed("base", "Hello").addInputs(OpenRequests.input("image", 0))))
        .isEqualTo(without);

    ModelInferRequest.Builder usual = OpenRequests.raw("base", "Hello", ONE);
    ModelInferRequest.Builder turned =
        ModelInferRequest.newBuilder()
            .setModelName("base")
            .addInputs(usual.getInputs(1))
            .addInputs(usual.getInputs(0))
            .addRawInputContents(usual.getRawInputContents(1))
            .addRawInputContents(usual.getRawInputContents(0));
    assertThat(read(turned)).isEqualTo(read(usual));
  }

  @Test
  void versionIsTheRevision() {
    assertThat(read(question().setModelName("birds")).getAdapter()).isEqualTo("birds");
    assertThat(read(question().setModelName("birds").setModelVersion("12")).getAdapter())
        .isEqualTo("birds@12");
    assertThat(read(question().setModelVersion("0")).getAdapter()).isEqualTo("base");

    refused(
        question().setModelVersion("1"), ErrorCode.NOT_FOUND, "no version 1 of the model 'base'");
    refused(
        question().setModelName("birds").setModelVersion("0"),
        ErrorCode.NOT_FOUND,
        "no version 0 of the model 'birds'");
    for (String version : List.of("x", "-1", "1.0", "01", "99999999999", " 1")) {
      refused(question().setModelName("birds").setModelVersion(version), "The version is '");
    }
    for (String model : List.of("", "birds@3", "../x", "Birds", "x".repeat(64))) {
      refused(question().setModelName(model), "expected 'base' or an adapter's name");
    }
  }

  @Test
  void tensorsThatTheModelDoesNotHaveAreRefusedByName() {
    refused(
        question().addInputs(OpenRequests.input("text_input", 1)),
        "no input 'text_input', expected image and prompt");
    refused(question().addInputs(OpenRequests.input("prompt", 1)), "'prompt' is given twice");
    refused(
        ModelInferRequest.newBuilder().setModelName("base"),
        "no input 'prompt' in the request, expected it with the shape [1]");
    refused(question().addOutputs(output("text_output")), "no output 'text_output', expected text");
    assertThat(read(question().addOutputs(output("text")))).isEqualTo(read(question()));
  }

  @Test
  void datatypesOtherThanBytesAreRefused() {
    for (String datatype : List.of("", "STRING", "UINT8", "bytes")) {
      refused(
          with(OpenRequests.input("prompt", 1).setDatatype(datatype)),
          "'prompt' has the datatype '%s', expected 'BYTES'".formatted(datatype));
    }
  }

  @Test
  void shapesOtherThanThoseOfTheMetadataAreRefused() {
    refused(with(OpenRequests.input("prompt")), "'prompt' has the shape [], expected [1]");
    refused(
        with(OpenRequests.input("prompt", 1, 1)), "'prompt' has the shape [1, 1], expected [1]");
    refused(with(OpenRequests.input("prompt", 2)), "'prompt' has the shape [2], expected [1]");
    refused(with(OpenRequests.input("prompt", 0)), "'prompt' has the shape [0], expected [1]");
    refused(
        with(OpenRequests.input("image", -1)),
        "'image' has the shape [-1], expected [n], n from 0");
    refused(with(OpenRequests.input("image", 1, 2)), "'image' has the shape [1, 2], expected [n]");
    refused(
        with(OpenRequests.input("image", new long[100])), "[0, 0, 0, 0, 0, 0, 0, 0, …], expected");
    refused(with(OpenRequests.input("image", 4)), "'image' has 4 elements, expected at most 3");
    refused(
        with(OpenRequests.input("image", Long.MAX_VALUE)),
        "'image' has 9223372036854775807 elements, expected at most 3");
  }

  @Test
  void contentsBesideRawContentsAreRefused() {
    InferInputTensor typed = OpenRequests.typed("base", "Hello").getInputs(0);
    refused(
        OpenRequests.raw("base", "Hello").setInputs(0, typed),
        "'prompt' has contents beside raw_input_contents, expected one of them");
  }

  @Test
  void rawContentsMustBeOneForEachInputAndAgreeWithTheShape() {
    refused(
        OpenRequests.raw("base", "Hello", ONE)
            .clearRawInputContents()
            .addRawInputContents(bytes(1)),
        "raw_input_contents has 1 entries, expected 2");
    refused(
        OpenRequests.raw("base", "Hello").addRawInputContents(bytes(1)),
        "raw_input_contents has 2 entries, expected 1");
    ModelInferRequest.Builder two = OpenRequests.raw("base", "Hello", ONE, OTHER);
    ByteString whole = two.getRawInputContents(0);
    refused(
        two.clone().setRawInputContents(0, whole.substring(0, whole.size() - 1)),
        "Element 1 of 'image' has a length of 1 bytes, expected at most 0, which follow it");
    refused(
        two.clone().setRawInputContents(0, whole.substring(0, 9)),
        "The raw contents of 'image' end after 1 elements, expected 2 by its shape");
    refused(
        two.clone().setRawInputContents(0, whole.concat(bytes(9, 9))),
        "The raw contents of 'image' go on for 2 bytes after its 2 elements");
    refused(
        two.clone().setRawInputContents(0, bytes(0xff, 0xff, 0xff, 0xff, 1)),
        "Element 0 of 'image' has a length of 4294967295 bytes, expected at most 1");
  }

  @Test
  void typedContentsMustBeBytesAndAgreeWithTheShape() {
    refused(
        with(
            OpenRequests.input("prompt", 1)
                .setContents(InferTensorContents.newBuilder().addIntContents(1))),
        "'prompt' has int_contents, expected bytes_contents");
    refused(
        with(OpenRequests.input("prompt", 1)), "'prompt' has 0 bytes_contents, expected 1 by its");
    refused(
        with(OpenRequests.typed("base", "", ONE, OTHER).getInputs(0).toBuilder().setShape(0, 1)),
        "'image' has 2 bytes_contents, expected 1 by its shape");
  }

  @Test
  void elementsMustBePicturesAndTexts() {
    refused(OpenRequests.raw("base", "Hello", ONE, new byte[0]), "Element 1 of 'image' is empty");
    refused(
        OpenRequests.raw("base", "Hello")
            .setRawInputContents(0, OpenRequests.serialized(List.of(new byte[] {(byte) 0xff}))),
        "'prompt' is not UTF-8");
  }

  @Test
  void sharedMemoryAndClassesAreRefused() {
    refused(
        with(
            OpenRequests.input("prompt", 1)
                .putParameters("shared_memory_region", OpenRequests.string("r"))),
        "'prompt' has the parameter 'shared_memory_region', expected none");
    refused(
        question()
            .addOutputs(
                InferRequestedOutputTensor.newBuilder()
                    .setName("text")
                    .putParameters("classification", OpenRequests.int64(3))),
        "'text' has the parameter 'classification', expected none");
  }

  private static ModelInferRequest.Builder question() {
    return OpenRequests.typed("base", "Hello");
  }

  /** The usual request with this tensor in the place of the one of its name. */
  private static ModelInferRequest.Builder with(InferInputTensor.Builder input) {
    ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName("base");
    if (!input.getName().equals("prompt")) {
      request.addInputs(question().getInputs(0));
    }
    return request.addInputs(input);
  }

  private static InferRequestedOutputTensor output(String name) {
    return InferRequestedOutputTensor.newBuilder().setName(name).build();
  }

  private static ByteString bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return ByteString.copyFrom(bytes);
  }

  private GenerateRequest read(ModelInferRequest.Builder request) {
    return reader.read(request.build(), RequestParameters.read(request.getParametersMap()));
  }

  private void refused(ModelInferRequest.Builder request, String words) {
    refused(request, ErrorCode.INVALID_ARGUMENT, words);
  }

  private void refused(ModelInferRequest.Builder request, ErrorCode code, String words) {
    TrimtabException refusal = catchThrowableOfType(TrimtabException.class, () -> read(request));
    assertThat(refusal).as("refusal with: %s", words).isNotNull();
    assertThat(refusal).hasMessageContaining(words);
    assertThat(refusal.code()).isEqualTo(code);
  }
}
