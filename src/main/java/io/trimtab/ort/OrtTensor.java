package io.trimtab.ort;

import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * ONNX Runtime's view of row-major elements on a device. It owns the view, not the memory, except
 * where ONNX Runtime allocated an output: then both go with {@link #close}. Any number of tensors
 * may lie over the same memory. One thread at a time.
 */
public final class OrtTensor implements AutoCloseable {
  /** Stands for the address of no elements: ONNX Runtime takes no null pointer. */
  private static final MemorySegment NOTHING = Arena.global().allocate(64, 64);

  private final OrtEnvironment environment;
  private final Device device;
  private final DType dtype;
  private final Shape shape;
  private final MemorySegment memory;
  private final OrtHandle value;

  private OrtTensor(
      OrtEnvironment environment,
      Device device,
      DType dtype,
      Shape shape,
      MemorySegment memory,
      OrtHandle value) {
    this.environment = environment;
    this.device = device;
    this.dtype = dtype;
    this.shape = shape;
    this.memory = memory;
    this.value = value;
  }

  /**
   * A tensor over the caller's host memory, which must outlive every run that reads or writes it.
   * Any shape is legal: no dimensions (a scalar), and dimensions of 0.
   */
  public static OrtTensor over(OrtEnvironment environment, Tensor tensor) {
    if (!tensor.data().isNative()) {
      throw new IllegalArgumentException(
          "Expected native memory for %s %s, got memory on the heap"
              .formatted(tensor.dtype(), tensor.shape()));
    }
    return over(environment, Device.cpu(), tensor.data(), tensor.dtype(), tensor.shape());
  }

  /** A tensor over the first bytes of {@code memory}, whose address means something to device. */
  static OrtTensor over(
      OrtEnvironment environment, Device device, MemorySegment memory, DType dtype, Shape shape) {
    long bytes = Math.multiplyExact(shape.elements(), dtype.bytes());
    MemorySegment own = memory.asSlice(0, bytes);
    OrtApi api = environment.api();
    long created =
        api.createTensor(
            environment.memoryInfo(device), bytes == 0 ? NOTHING : own, bytes, dtype, shape);
    OrtHandle value =
        new OrtHandle(() -> "Tensor %s %s".formatted(dtype, shape), created, api::releaseValue);
    return new OrtTensor(environment, device, dtype, shape, own, value);
  }

  /** Takes over a value that ONNX Runtime allocated on {@code device}. */
  static OrtTensor owning(OrtEnvironment environment, Device device, long address) {
    OrtApi api = environment.api();
    long info = api.tensorTypeAndShape(address);
    try {
      DType dtype = dtype(api.elementType(info));
      Shape shape = new Shape(api.dimensions(info));
      NativeBlock block =
          new NativeBlock(api.tensorData(address), shape.elements() * dtype.bytes());
      OrtHandle value =
          new OrtHandle(
              () -> "Output %s %s".formatted(dtype, shape),
              address,
              released -> {
                block.close();
                api.releaseValue(released);
              });
      return new OrtTensor(environment, device, dtype, shape, block.memory(), value);
    } finally {
      api.releaseTensorTypeAndShape(info);
    }
  }

  public DType dtype() {
    return dtype;
  }

  public Shape shape() {
    return shape;
  }

  public Device device() {
    return device;
  }

  /** The elements, in host memory: the same memory, not a copy. */
  public Tensor tensor() {
    if (!device.equals(Device.cpu())) {
      throw new IllegalStateException("Expected a tensor in host memory, it is on " + device);
    }
    value.address();
    return new Tensor(dtype, shape, memory);
  }

  /** A new tensor over the start of the same memory, of at most as many elements. */
  public OrtTensor view(Shape other) {
    return slice(0, other);
  }

  /** A new tensor over the same memory from {@code byteOffset} on; the caller closes it. */
  public OrtTensor slice(long byteOffset, Shape other) {
    value.address();
    return over(environment, device, memory.asSlice(byteOffset), dtype, other);
  }

  /**
   * Copies all elements to a tensor of the same type and shape, on the same or another device.
   * Where a GPU takes part this is ONNX Runtime's CopyTensors, which is unproven: it has not been
   * run on a GPU yet.
   */
  public void copyTo(OrtTensor target) {
    if (target.dtype != dtype || !target.shape.equals(shape)) {
      throw new IllegalArgumentException(
          "Expected a target %s %s, got %s %s".formatted(dtype, shape, target.dtype, target.shape));
    }
    if (device.equals(Device.cpu()) && target.device.equals(Device.cpu())) {
      MemorySegment.copy(memory, 0, target.memory, 0, memory.byteSize());
      return;
    }
    environment.registerCudaCopies();
    environment.api().copyTensor(environment.address(), address(), target.address());
  }

  /** The value, after a check that its memory is still there. */
  long address() {
    if (!memory.scope().isAlive()) {
      throw new IllegalStateException("The memory under %s is closed".formatted(value));
    }
    return value.address();
  }

  static DType dtype(int onnxCode) {
    for (DType each : DType.values()) {
      if (each.onnxCode() == onnxCode) {
        return each;
      }
    }
    throw new IllegalArgumentException("Expected a known element type, got ONNX's " + onnxCode);
  }

  @Override
  public void close() {
    value.close();
  }
}
