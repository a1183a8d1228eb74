package io.trimtab.serving.openinference;

import com.google.protobuf.ByteString;
import inference.ModelInferRequest;
import inference.ModelInferRequest.InferRequestedOutputTensor;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Role;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.Image;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import java.util.List;

/**
 * Reads a request of this protocol as the one of trimtab.v1 that asks the same: one user's message,
 * pictures first. So every bound and every rule is that of trimtab.v1.
 */
final class InferRequestReader {
  private final int picturesMax;

  /**
   * @param picturesMax most pictures in a request
   */
  InferRequestReader(int picturesMax) {
    this.picturesMax = picturesMax;
  }

  /**
   * What is asked; the request's id is left to the caller.
   *
   * @throws TrimtabException INVALID_ARGUMENT, or NOT_FOUND for a version that can't be
   */
  GenerateRequest read(ModelInferRequest request, RequestParameters parameters) {
    GenerateRequest.Builder read =
        GenerateRequest.newBuilder()
            .setAdapter(ModelNames.adapter(request.getModelName(), request.getModelVersion()));
    request.getOutputsList().forEach(InferRequestReader::requireText);
    InputTensors inputs = new InputTensors(request);
    Message.Builder message = Message.newBuilder().setRole(Role.USER.wireName());
    if (inputs.has(TensorSpec.IMAGE)) {
      List<ByteString> pictures = inputs.elements(TensorSpec.IMAGE, picturesMax);
      for (int i = 0; i < pictures.size(); i++) {
        message.addParts(picture(pictures.get(i), i));
      }
    }
    message.addParts(prompt(inputs.elements(TensorSpec.PROMPT, 1).getFirst()));
    parameters.writeTo(read);
    return read.addMessages(message).build();
  }

  private static Part picture(ByteString encoded, int index) {
    if (encoded.isEmpty()) {
      throw TrimtabException.invalid(
          "Element %d of 'image' is empty, expected an encoded picture".formatted(index));
    }
    return Part.newBuilder().setImage(Image.newBuilder().setData(encoded)).build();
  }

  private static Part prompt(ByteString prompt) {
    if (!prompt.isValidUtf8()) {
      throw TrimtabException.invalid("The input 'prompt' is not UTF-8, expected a text in it");
    }
    return Part.newBuilder().setText(prompt.toStringUtf8()).build();
  }

  private static void requireText(InferRequestedOutputTensor output) {
    if (!output.getName().equals(TensorSpec.TEXT.name())) {
      throw TrimtabException.invalid(
          "There is no output %s, expected text".formatted(Quoted.of(output.getName())));
    }
    if (!output.getParametersMap().isEmpty()) {
      throw TrimtabException.invalid(
          "The output 'text' has the parameter %s, expected none"
              .formatted(Quoted.of(output.getParametersMap().keySet().iterator().next())));
    }
  }
}
