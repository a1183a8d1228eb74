package io.trimtab.cli.doctor;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * GPU, and what ONNX Runtime needs to use it: a build with its CUDA part, and the libraries that
 * this part names.
 *
 * @param device as {@code --device} takes it
 * @param cuda the CUDA part of ONNX Runtime
 * @param loads whether the system's loader finds a library by its name
 */
public record GpuCheck(String device, Gpus gpus, CudaPart cuda, Predicate<String> loads)
    implements Check {
  /** Of onnxruntime_gpu, which is built for CUDA 12 and cuDNN 9. */
  private static final List<String> BUILT_IN =
      List.of(
          "libcublasLt.so.12",
          "libcublas.so.12",
          "libcurand.so.10",
          "libcufft.so.11",
          "libcudart.so.12",
          "libcudnn.so.9");

  /** Where ONNX Runtime's CUDA part is. */
  public sealed interface CudaPart {
    /** This build has none. */
    record None() implements CudaPart {}

    /** Inside the program. */
    record BuiltIn() implements CudaPart {}

    /** A file beside the library that is configured. */
    record Beside(Path file) implements CudaPart {}
  }

  /** Loads a library as ONNX Runtime will, and lets it go again. */
  public static boolean loads(String library) {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup.libraryLookup(library, arena);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Override
  public String name() {
    return "gpu";
  }

  @Override
  public List<Finding> look() throws IOException {
    if (device.equals("cpu")) {
      return List.of(Finding.ok(name(), "not asked for: --device is cpu"));
    }
    Optional<List<String>> needed =
        switch (cuda) {
          case CudaPart.None _ -> Optional.empty();
          case CudaPart.BuiltIn _ -> Optional.of(BUILT_IN);
          case CudaPart.Beside(Path file) ->
              Optional.of(NeededLibraries.of(file).stream().filter(GpuCheck::isOfNvidia).toList());
        };
    if (gpus.models().isEmpty()) {
      return List.of(without(needed.isPresent()));
    }
    if (needed.isEmpty()) {
      return List.of(unused());
    }
    return List.of(with(needed.get()));
  }

  private Finding without(boolean builtForCuda) {
    String advice =
        "install NVIDIA's driver (in a container: give it the GPU), or take --device cpu";
    if (device.startsWith("cuda")) {
      return Finding.fault(name(), "--device is %s, and there is no GPU".formatted(device), advice);
    }
    // ONNX Runtime takes the GPU by itself where it is built for one.
    return builtForCuda
        ? Finding.fault(name(), "this build is for CUDA, and there is no GPU", advice)
        : Finding.ok(name(), "none: the model runs on the CPU");
  }

  private Finding unused() {
    String found = "%s, and this build of ONNX Runtime has no CUDA".formatted(described());
    String advice =
        "build it with TRIMTAB_BUILD_ARGS=-Pcuda, or name a library in"
            + " trimtab.onnxruntime.library";
    return device.startsWith("cuda")
        ? Finding.fault(name(), found, advice)
        : Finding.warning(name(), found + ": the model runs on the CPU", advice);
  }

  private Finding with(List<String> needed) {
    String digits = device.replaceAll("[^0-9]", "");
    int index = digits.isEmpty() ? 0 : Integer.parseInt(digits);
    if (index >= gpus.models().size()) {
      return Finding.fault(
          name(),
          "--device is %s, and there is %s".formatted(device, described()),
          "name one of cuda:0 to cuda:%d".formatted(gpus.models().size() - 1));
    }
    List<String> missing = needed.stream().filter(loads.negate()).toList();
    return missing.isEmpty()
        ? Finding.ok(name(), described() + ", with all libraries that ONNX Runtime needs")
        : Finding.fault(
            name(),
            "%s, and ONNX Runtime will not find %s"
                .formatted(described(), String.join(", ", missing)),
            "install CUDA and cuDNN of these versions, and name their folders in LD_LIBRARY_PATH");
  }

  private String described() {
    return gpus.models().size() == 1
        ? gpus.models().getFirst()
        : "%d GPUs, the first %s".formatted(gpus.models().size(), gpus.models().getFirst());
  }

  private static boolean isOfNvidia(String library) {
    return library.startsWith("libcu") || library.startsWith("libnv");
  }
}
