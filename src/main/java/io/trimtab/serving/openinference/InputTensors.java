package io.trimtab.serving.openinference;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import inference.InferTensorContents;
import inference.ModelInferRequest;
import inference.ModelInferRequest.InferInputTensor;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The inputs of one request, typed or raw. Every refusal is INVALID_ARGUMENT and names the input.
 */
final class InputTensors {
  private final ModelInferRequest request;

  /** Refuses what no tensor could be read from. */
  InputTensors(ModelInferRequest request) {
    this.request = request;
    for (int i = 0; i < request.getInputsCount(); i++) {
      String name = request.getInputs(i).getName();
      if (TensorSpec.INPUTS.stream().noneMatch(each -> each.name().equals(name))) {
        throw TrimtabException.invalid(
            "There is no input %s, expected image and prompt".formatted(Quoted.of(name)));
      }
      if (indexOf(name) != i) {
        throw TrimtabException.invalid(
            "The input '%s' is given twice, expected once".formatted(name));
      }
    }
    int raw = request.getRawInputContentsCount();
    if (raw != 0 && raw != request.getInputsCount()) {
      throw TrimtabException.invalid(
          "raw_input_contents has %d entries, expected %d: one for each of the inputs"
              .formatted(raw, request.getInputsCount()));
    }
  }

  boolean has(TensorSpec spec) {
    return indexOf(spec.name()) >= 0;
  }

  /**
   * The elements of an input.
   *
   * @param elementsMax most that are taken
   */
  List<ByteString> elements(TensorSpec spec, int elementsMax) {
    int index = indexOf(spec.name());
    if (index < 0) {
      throw TrimtabException.invalid(
          "There is no input '%s' in the request, expected it with the shape %s"
              .formatted(spec.name(), spec.expected()));
    }
    InferInputTensor input = request.getInputs(index);
    int count = count(spec, input, elementsMax);
    if (request.getRawInputContentsCount() == 0) {
      return typed(input, count);
    }
    if (input.hasContents()) {
      throw TrimtabException.invalid(
          "The input '%s' has contents beside raw_input_contents, expected one of them"
              .formatted(spec.name()));
    }
    return RawElements.read(spec.name(), request.getRawInputContents(index), count);
  }

  private int indexOf(String name) {
    for (int i = 0; i < request.getInputsCount(); i++) {
      if (request.getInputs(i).getName().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  private static int count(TensorSpec spec, InferInputTensor input, int elementsMax) {
    if (!input.getDatatype().equals(TensorSpec.DATATYPE)) {
      throw TrimtabException.invalid(
          "The input '%s' has the datatype %s, expected '%s'"
              .formatted(spec.name(), Quoted.of(input.getDatatype()), TensorSpec.DATATYPE));
    }
    if (!input.getParametersMap().isEmpty()) {
      // Shared memory, say: passing over it would answer something else than was asked.
      throw TrimtabException.invalid(
          "The input '%s' has the parameter %s, expected none"
              .formatted(
                  spec.name(), Quoted.of(input.getParametersMap().keySet().iterator().next())));
    }
    if (!spec.takes(input.getShapeList())) {
      throw TrimtabException.invalid(
          "The input '%s' has the shape %s, expected %s"
              .formatted(spec.name(), shape(input), spec.expected()));
    }
    long count = input.getShape(0);
    if (count > elementsMax) {
      throw TrimtabException.invalid(
          "The input '%s' has %d elements, expected at most %d"
              .formatted(spec.name(), count, elementsMax));
    }
    return (int) count;
  }

  private static String shape(InferInputTensor input) {
    int shown = 8;
    return input.getShapeList().stream()
        .limit(shown)
        .map(String::valueOf)
        .collect(Collectors.joining(", ", "[", input.getShapeCount() > shown ? ", …]" : "]"));
  }

  private static List<ByteString> typed(InferInputTensor input, int count) {
    InferTensorContents contents = input.getContents();
    for (FieldDescriptor field : contents.getAllFields().keySet()) {
      if (field.getNumber() != InferTensorContents.BYTES_CONTENTS_FIELD_NUMBER) {
        throw TrimtabException.invalid(
            "The input '%s' has %s, expected bytes_contents"
                .formatted(input.getName(), field.getName()));
      }
    }
    if (contents.getBytesContentsCount() != count) {
      throw TrimtabException.invalid(
          "The input '%s' has %d bytes_contents, expected %d by its shape"
              .formatted(input.getName(), contents.getBytesContentsCount(), count));
    }
    return contents.getBytesContentsList();
  }
}
