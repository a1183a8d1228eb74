package io.trimtab.ort;

import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * A block of memory on a session's device, from that session's allocator, such as a KV cache. Its
 * owner closes it after the last run that uses it and before the session. One thread at a time.
 */
public final class DeviceMemory implements AutoCloseable {
  private final OrtEnvironment environment;
  private final Device device;
  private final NativeBlock memory;
  private final OrtHandle block;

  private DeviceMemory(OrtSession session, long bytes) {
    this.environment = session.environment();
    this.device = session.device();
    OrtApi api = environment.api();
    long allocator = api.createAllocator(session.address(), environment.memoryInfo(device));
    long address;
    try {
      address = api.allocatorAlloc(allocator, bytes);
    } catch (RuntimeException refused) {
      api.releaseAllocator(allocator);
      throw refused;
    }
    this.memory = new NativeBlock(address, bytes);
    this.block =
        new OrtHandle(
            "Memory of %d bytes on %s".formatted(bytes, device),
            address,
            released -> {
              memory.close();
              api.allocatorFree(allocator, released);
              api.releaseAllocator(allocator);
            });
  }

  /** Takes {@code bytes}, from 1; their contents are undefined. */
  public static DeviceMemory allocate(OrtSession session, long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("Expected 1 byte or more, got " + bytes);
    }
    return new DeviceMemory(session, bytes);
  }

  /** A tensor over this memory from {@code byteOffset} on; the caller closes it. */
  public OrtTensor tensor(long byteOffset, DType dtype, Shape shape) {
    block.address();
    return OrtTensor.over(environment, device, memory.memory().asSlice(byteOffset), dtype, shape);
  }

  /**
   * Copies bytes to memory of the same session. Where a GPU takes part this is {@link
   * OrtTensor#copyTo}.
   */
  public void copyTo(long from, DeviceMemory target, long to, long bytes) {
    block.address();
    target.block.address();
    if (device.equals(Device.cpu()) && target.device.equals(Device.cpu())) {
      MemorySegment.copy(memory.memory(), from, target.memory.memory(), to, bytes);
      return;
    }
    Shape shape = Shape.of(bytes);
    try (OrtTensor read = tensor(from, DType.U8, shape);
        OrtTensor written = target.tensor(to, DType.U8, shape)) {
      read.copyTo(written);
    }
  }

  /** Copies all bytes of host memory to this memory from {@code to} on. */
  public void copyFrom(MemorySegment host, long to) {
    block.address();
    if (device.equals(Device.cpu())) {
      MemorySegment.copy(host, 0, memory.memory(), to, host.byteSize());
      return;
    }
    Shape shape = Shape.of(host.byteSize());
    try (OrtTensor read = OrtTensor.over(environment, new Tensor(DType.U8, shape, host));
        OrtTensor written = tensor(to, DType.U8, shape)) {
      read.copyTo(written);
    }
  }

  public long bytes() {
    return memory.memory().byteSize();
  }

  @Override
  public void close() {
    block.close();
  }
}
