package io.trimtab.ort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * ONNX Runtime, loaded. A process needs one; whoever opened it closes it after its sessions and
 * tensors. It logs warnings and worse to standard error. Thread-safe, but for {@link #close}.
 */
public final class OrtEnvironment implements AutoCloseable {
  /** Address space, not memory: enough for the longest command line that Linux takes (2 MB). */
  private static final long DEEP_STACK_BYTES = 1L << 30;

  private final OrtApi api;
  private final OrtLibrary library;
  private final OrtHandle env;

  /** Guarded by this. */
  private final Map<Device, OrtHandle> memoryInfos = new HashMap<>();

  /** Guarded by this. */
  private boolean cudaCopiesRegistered;

  private OrtEnvironment(OrtLibrary library) {
    Telemetry.turnOff();
    this.library = library;
    this.api = new OrtApi(OrtFunctions.load(library.file()));
    this.env =
        new OrtHandle("The ONNX Runtime environment", createOnDeepStack(api), api::releaseEnv);
  }

  /**
   * ONNX Runtime 1.29 recurses over the process's command line while it makes its environment, and
   * a class path of 12 KB overflows a stack of 8 MB: the process dies without a word. So it gets a
   * deep one.
   */
  private static long createOnDeepStack(OrtApi api) {
    FutureTask<Long> creation = new FutureTask<>(() -> api.createEnv("trimtab"));
    new Thread(null, creation, "trimtab-ort-environment", DEEP_STACK_BYTES).start();
    try {
      return creation.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while ONNX Runtime was loading", e);
    }
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

  /** Whether an execution provider's library, such as {@code cuda}'s, lies beside the main one. */
  public boolean hasProvider(String name) {
    return Files.isRegularFile(library.provider(name));
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
