package io.trimtab.ort;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * ONNX Runtime, loaded. A process needs one; whoever opened it closes it after its sessions and
 * tensors. It logs warnings and worse to standard error. Thread-safe, but for {@link #close}.
 */
public final class OrtEnvironment implements AutoCloseable {
  private final OrtApi api;
  private final OrtLibrary library;
  private final OrtHandle env;

  /** Guarded by this. */
  private final Map<Device, OrtHandle> memoryInfos = new HashMap<>();

  /** Guarded by this. */
  private boolean cudaCopiesRegistered;

  private OrtEnvironment(OrtLibrary library) {
    this.library = library;
    this.api = new OrtApi(OrtFunctions.load(library.file()));
    this.env =
        new OrtHandle("The ONNX Runtime environment", api.createEnv("trimtab"), api::releaseEnv);
  }

  /** Opens the library that travels in ONNX Runtime's jar on the class path. */
  public static OrtEnvironment open() throws IOException {
    return new OrtEnvironment(OrtLibrary.bundled());
  }

  /** Opens a library file of the user's choice; its execution providers lie beside it. */
  public static OrtEnvironment open(Path library) {
    return new OrtEnvironment(new OrtLibrary(library));
  }

  /** The library's version, such as {@code 1.29.0}. */
  public String version() {
    return api.version();
  }

  OrtApi api() {
    return api;
  }

  long address() {
    return env.address();
  }

  synchronized long memoryInfo(Device device) {
    env.address();
    return memoryInfos
        .computeIfAbsent(
            device,
            missing ->
                new OrtHandle(
                    "The memory of " + missing,
                    api.createMemoryInfo(missing),
                    api::releaseMemoryInfo))
        .address();
  }

  /**
   * Lets {@link OrtTensor#copyTo} reach GPUs: copies belong to the environment, and it learns of
   * CUDA only from the provider's library, not from a session that uses it.
   */
  synchronized void registerCudaCopies() {
    if (!cudaCopiesRegistered) {
      api.registerExecutionProviderLibrary(
          address(), "CUDAExecutionProvider", library.provider("cuda"));
      cudaCopiesRegistered = true;
    }
  }

  @Override
  public synchronized void close() {
    memoryInfos.values().forEach(OrtHandle::close);
    env.close();
  }
}
