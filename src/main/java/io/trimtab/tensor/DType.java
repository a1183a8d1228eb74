package io.trimtab.tensor;

/** Element type of a tensor, with its width and the number that ONNX and ONNX Runtime give it. */
public enum DType {
  F32(4, 1),
  U8(1, 2),
  I8(1, 3),
  I32(4, 6),
  I64(8, 7),
  BOOL(1, 9),
  F16(2, 10),
  F64(8, 11),
  BF16(2, 16);

  private final int bytes;
  private final int onnxCode;

  DType(int bytes, int onnxCode) {
    this.bytes = bytes;
    this.onnxCode = onnxCode;
  }

  /** Bytes per element. */
  public int bytes() {
    return bytes;
  }

  /** {@code TensorProto.DataType} and {@code ONNXTensorElementDataType}; the two agree. */
  public int onnxCode() {
    return onnxCode;
  }
}
