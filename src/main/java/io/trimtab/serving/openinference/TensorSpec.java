package io.trimtab.serving.openinference;

import inference.DataType;
import inference.ModelInput;
import inference.ModelMetadataResponse.TensorMetadata;
import inference.ModelOutput;
import java.util.List;

/**
 * A tensor of one dimension that every model takes or gives: what metadata tells of it, and what
 * requests are held against.
 *
 * @param elements how many it has; {@link #ANY} for 0 and more
 */
record TensorSpec(String name, long elements) {
  /** The one type that pictures and texts have. */
  static final String DATATYPE = "BYTES";

  /** As metadata spells a dimension that varies. */
  static final long ANY = -1;

  static final TensorSpec IMAGE = new TensorSpec("image", ANY);
  static final TensorSpec PROMPT = new TensorSpec("prompt", 1);
  static final TensorSpec TEXT = new TensorSpec("text", 1);

  static final List<TensorSpec> INPUTS = List.of(IMAGE, PROMPT);
  static final List<TensorSpec> OUTPUTS = List.of(TEXT);

  TensorMetadata metadata() {
    return TensorMetadata.newBuilder()
        .setName(name)
        .setDatatype(DATATYPE)
        .addShape(elements)
        .build();
  }

  ModelInput input() {
    return ModelInput.newBuilder()
        .setName(name)
        .setDataType(DataType.TYPE_STRING)
        .addDims(elements)
        .setOptional(elements == ANY)
        .build();
  }

  ModelOutput output() {
    return ModelOutput.newBuilder()
        .setName(name)
        .setDataType(DataType.TYPE_STRING)
        .addDims(elements)
        .build();
  }

  boolean takes(List<Long> shape) {
    return shape.size() == 1
        && shape.getFirst() >= 0
        && (elements == ANY || shape.getFirst() == elements);
  }

  /** The shape that it takes, for a message. */
  String expected() {
    return elements == ANY ? "[n], n from 0" : "[%d]".formatted(elements);
  }
}
