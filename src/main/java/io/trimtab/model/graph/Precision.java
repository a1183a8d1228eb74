package io.trimtab.model.graph;

import io.trimtab.error.TrimtabException;
import io.trimtab.tensor.DType;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** In what numbers a graph computes and keeps its weights. */
public enum Precision {
  /** Weights and activations in float32: the reference, on the CPU. */
  FP32(DType.F32, 32),
  /** Weights in blocks of 32 at 8 bits, activations in float32; for the CPU. */
  INT8(DType.F32, 8),
  /** Weights in blocks of 32 at 4 bits, activations in float32; for the CPU. */
  INT4(DType.F32, 4),
  BF16(DType.BF16, 16),
  FP16(DType.F16, 16);

  /** Above this many parameters, memory and bandwidth matter more than the last digits. */
  private static final long FP32_PARAMETERS_MAX = 100_000_000;

  private final DType activation;
  private final int weightBits;

  Precision(DType activation, int weightBits) {
    this.activation = activation;
    this.weightBits = weightBits;
  }

  /** Type of every activation, of the embeddings that go in and of the key-value cache. */
  public DType activation() {
    return activation;
  }

  /** Bits of one weight of a linear layer. */
  public int weightBits() {
    return weightBits;
  }

  public boolean quantized() {
    return weightBits < 16;
  }

  /** Name in configuration, on the command line and on the wire. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What a CPU is given where nothing was asked for. */
  public static Precision cpuDefault(long parameters) {
    return parameters > FP32_PARAMETERS_MAX ? INT8 : FP32;
  }

  public static Precision of(String wireName) {
    for (Precision precision : values()) {
      if (precision.wireName().equals(wireName)) {
        return precision;
      }
    }
    throw TrimtabException.invalid(
        "The precision is '%s', expected auto, %s"
            .formatted(
                wireName,
                Arrays.stream(values())
                    .map(Precision::wireName)
                    .collect(Collectors.joining(", "))));
  }
}
