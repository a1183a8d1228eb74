package io.trimtab.ort;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/**
 * The functions of ONNX Runtime's C API that Trimtab uses, each under its own name. The numbers are
 * positions in {@code OrtApi} of onnxruntime_c_api.h, which never change once released. A status
 * other than success is an {@link OrtException}. Pointers are {@code long}; nothing here checks
 * them. Thread-safe as far as ONNX Runtime is.
 */
final class OrtApi {
  private static final int LOG_WARNING = 2;
  private static final int ARENA_ALLOCATOR = 1;
  private static final int MEMORY_DEFAULT = 0;

  private final OrtFunctions functions;

  OrtApi(OrtFunctions functions) {
    this.functions = functions;
  }

  String version() {
    return functions.version();
  }

  // Environment

  long createEnv(String logId) {
    try (Arena arena = Arena.ofConfined()) {
      long id = arena.allocateFrom(logId).address();
      return made(out -> functions.callWithInt(3, LOG_WARNING, id, out));
    }
  }

  void releaseEnv(long env) {
    functions.callVoid(92, env);
  }

  void registerExecutionProviderLibrary(long env, String name, Path library) {
    try (Arena arena = Arena.ofConfined()) {
      functions.call(301, env, arena.allocateFrom(name).address(), path(arena, library));
    }
  }

  long createMemoryInfo(Device device) {
    return switch (device) {
      case Device.Cpu() ->
          made(out -> functions.callWithInts(69, ARENA_ALLOCATOR, MEMORY_DEFAULT, out));
      case Device.Cuda(int index) -> {
        try (Arena arena = Arena.ofConfined()) {
          long name = arena.allocateFrom("Cuda").address();
          yield made(
              out -> functions.callWithInts(68, name, ARENA_ALLOCATOR, index, MEMORY_DEFAULT, out));
        }
      }
    };
  }

  void releaseMemoryInfo(long memoryInfo) {
    functions.callVoid(94, memoryInfo);
  }

  // Session options

  long createSessionOptions() {
    return made(out -> functions.call(10, out));
  }

  void setSessionGraphOptimizationLevel(long options, int level) {
    functions.callWithInt(23, options, level);
  }

  void setIntraOpNumThreads(long options, int threads) {
    functions.callWithInt(24, options, threads);
  }

  void addSessionConfigEntry(long options, String key, String value) {
    try (Arena arena = Arena.ofConfined()) {
      functions.call(
          130, options, arena.allocateFrom(key).address(), arena.allocateFrom(value).address());
    }
  }

  void appendCuda(long options, long cudaOptions) {
    functions.call(204, options, cudaOptions);
  }

  void releaseSessionOptions(long options) {
    functions.callVoid(100, options);
  }

  long createCudaOptions() {
    return made(out -> functions.call(205, out));
  }

  void updateCudaOptions(long cudaOptions, String[] keys, String[] values) {
    try (Arena arena = Arena.ofConfined()) {
      functions.call(
          206, cudaOptions, strings(arena, keys), strings(arena, values), (long) keys.length);
    }
  }

  void releaseCudaOptions(long cudaOptions) {
    functions.callVoid(208, cudaOptions);
  }

  // Session

  long createSession(long env, Path model, long options) {
    try (Arena arena = Arena.ofConfined()) {
      long path = path(arena, model);
      return made(out -> functions.call(7, env, path, options, out));
    }
  }

  void releaseSession(long session) {
    functions.callVoid(95, session);
  }

  long inputCount(long session) {
    return made(out -> functions.call(30, session, out));
  }

  long outputCount(long session) {
    return made(out -> functions.call(31, session, out));
  }

  String inputName(long session, long index) {
    return name(36, session, index);
  }

  String outputName(long session, long index) {
    return name(37, session, index);
  }

  private String name(int function, long session, long index) {
    long allocator = defaultAllocator();
    long text = made(out -> functions.call(function, session, index, allocator, out));
    try {
      return OrtFunctions.text(text);
    } finally {
      allocatorFree(allocator, text);
    }
  }

  long inputTypeInfo(long session, long index) {
    return made(out -> functions.call(33, session, index, out));
  }

  long outputTypeInfo(long session, long index) {
    return made(out -> functions.call(34, session, index, out));
  }

  void releaseTypeInfo(long typeInfo) {
    functions.callVoid(98, typeInfo);
  }

  /** The tensor part of a type, which lives as long as the type; 0 where it is no tensor. */
  long castTypeInfoToTensorInfo(long typeInfo) {
    return made(out -> functions.call(55, typeInfo, out));
  }

  int elementType(long tensorInfo) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      functions.call(60, tensorInfo, out.address());
      return out.get(JAVA_INT, 0);
    }
  }

  /** Sizes, −1 where free. */
  long[] dimensions(long tensorInfo) {
    long rank = made(out -> functions.call(61, tensorInfo, out));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment dims = arena.allocate(JAVA_LONG, rank + 1);
      functions.call(62, tensorInfo, dims.address(), rank);
      return dims.asSlice(0, rank * JAVA_LONG.byteSize()).toArray(JAVA_LONG);
    }
  }

  /** Names of free dimensions, empty where fixed or unnamed. */
  String[] symbolicDimensions(long tensorInfo, int rank) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment names = arena.allocate(JAVA_LONG, rank + 1L);
      functions.call(63, tensorInfo, names.address(), rank);
      String[] texts = new String[rank];
      for (int i = 0; i < rank; i++) {
        texts[i] = OrtFunctions.text(names.getAtIndex(JAVA_LONG, i));
      }
      return texts;
    }
  }

  // Values

  long createTensor(long memoryInfo, MemorySegment data, long bytes, DType dtype, Shape shape) {
    try (Arena arena = Arena.ofConfined()) {
      // One element more than needed, so that a scalar's shape has an address too.
      MemorySegment dims = arena.allocate(JAVA_LONG, shape.rank() + 1L);
      MemorySegment.copy(shape.dims(), 0, dims, JAVA_LONG, 0, shape.rank());
      return made(
          out ->
              functions.callForTensor(
                  49,
                  memoryInfo,
                  data.address(),
                  bytes,
                  dims.address(),
                  shape.rank(),
                  dtype.onnxCode(),
                  out));
    }
  }

  long tensorData(long value) {
    return made(out -> functions.call(51, value, out));
  }

  long tensorTypeAndShape(long value) {
    return made(out -> functions.call(65, value, out));
  }

  void releaseTensorTypeAndShape(long tensorInfo) {
    functions.callVoid(99, tensorInfo);
  }

  void releaseValue(long value) {
    functions.callVoid(96, value);
  }

  void copyTensor(long env, long source, long target) {
    try (Arena arena = Arena.ofConfined()) {
      long from = arena.allocateFrom(JAVA_LONG, source).address();
      long to = arena.allocateFrom(JAVA_LONG, target).address();
      long noStream = 0;
      functions.call(386, env, from, to, noStream, 1);
    }
  }

  // Allocators

  long createAllocator(long session, long memoryInfo) {
    return made(out -> functions.call(131, session, memoryInfo, out));
  }

  void releaseAllocator(long allocator) {
    functions.callVoid(132, allocator);
  }

  /** The allocator of the process, which nobody releases. */
  long defaultAllocator() {
    return made(out -> functions.call(78, out));
  }

  long allocatorAlloc(long allocator, long bytes) {
    return made(out -> functions.call(75, allocator, bytes, out));
  }

  void allocatorFree(long allocator, long pointer) {
    functions.call(76, allocator, pointer);
  }

  // Runs

  long createRunOptions() {
    return made(out -> functions.call(39, out));
  }

  void setTerminate(long runOptions) {
    functions.call(46, runOptions);
  }

  void unsetTerminate(long runOptions) {
    functions.call(47, runOptions);
  }

  void releaseRunOptions(long runOptions) {
    functions.callVoid(97, runOptions);
  }

  long createIoBinding(long session) {
    return made(out -> functions.call(134, session, out));
  }

  void releaseIoBinding(long binding) {
    functions.callVoid(135, binding);
  }

  void bindInput(long binding, long name, long value) {
    functions.call(136, binding, name, value);
  }

  void bindOutput(long binding, long name, long value) {
    functions.call(137, binding, name, value);
  }

  void bindOutputToDevice(long binding, long name, long memoryInfo) {
    functions.call(138, binding, name, memoryInfo);
  }

  void clearBoundInputs(long binding) {
    functions.callVoid(141, binding);
  }

  void clearBoundOutputs(long binding) {
    functions.callVoid(142, binding);
  }

  void runWithBinding(long session, long runOptions, long binding) {
    functions.call(133, session, runOptions, binding);
  }

  /** The values of all bound outputs in the order of binding, each now the caller's. */
  long[] boundOutputValues(long binding) {
    long allocator = defaultAllocator();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(JAVA_LONG);
      MemorySegment count = arena.allocate(JAVA_LONG);
      functions.call(140, binding, allocator, values.address(), count.address());
      long bytes = count.get(JAVA_LONG, 0) * JAVA_LONG.byteSize();
      if (bytes == 0) {
        return new long[0];
      }
      long array = values.get(JAVA_LONG, 0);
      long[] copy = MemorySegment.ofAddress(array).reinterpret(bytes).toArray(JAVA_LONG);
      allocatorFree(allocator, array);
      return copy;
    }
  }

  /** What a function writes through its last argument. */
  private static long made(LongConsumer call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      call.accept(out.address());
      return out.get(JAVA_LONG, 0);
    }
  }

  private static long strings(SegmentAllocator arena, String[] texts) {
    MemorySegment pointers = arena.allocate(JAVA_LONG, texts.length + 1L);
    for (int i = 0; i < texts.length; i++) {
      pointers.setAtIndex(JAVA_LONG, i, arena.allocateFrom(texts[i]).address());
    }
    return pointers.address();
  }

  /** {@code ORTCHAR_T}: wide characters on Windows, UTF-8 elsewhere. */
  private static long path(SegmentAllocator arena, Path file) {
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    return arena
        .allocateFrom(
            file.toAbsolutePath().toString(),
            windows ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_8)
        .address();
  }
}
