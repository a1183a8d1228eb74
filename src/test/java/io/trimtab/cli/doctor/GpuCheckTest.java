package io.trimtab.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.cli.doctor.GpuCheck.CudaPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines with and without a GPU, as builds with and without CUDA find them. */
final class GpuCheckTest {
  private static final Gpus NONE = new Gpus(List.of());
  private static final Gpus ONE = new Gpus(List.of("NVIDIA H100"));
  private static final Predicate<String> ALL = library -> true;

  @TempDir private Path folder;

  @Test
  void withoutAGpuTheCpuBuildIsFineAndTheOtherIsNot() throws IOException {
    assertThat(level("auto", NONE, new CudaPart.None(), ALL)).isEqualTo(Level.OK);
    assertThat(level("auto", NONE, new CudaPart.BuiltIn(), ALL)).isEqualTo(Level.FAULT);
    assertThat(level("cpu", NONE, new CudaPart.BuiltIn(), ALL)).isEqualTo(Level.OK);
    assertThat(level("cuda:0", NONE, new CudaPart.None(), ALL)).isEqualTo(Level.FAULT);
  }

  @Test
  void aGpuThatTheBuildDoesNotUseIsAWarningUnlessItIsAskedFor() throws IOException {
    assertThat(level("auto", ONE, new CudaPart.None(), ALL)).isEqualTo(Level.WARNING);
    assertThat(level("cuda:0", ONE, new CudaPart.None(), ALL)).isEqualTo(Level.FAULT);
    assertThat(level("cpu", ONE, new CudaPart.None(), ALL)).isEqualTo(Level.OK);
  }

  @Test
  void aLibraryThatIsNotFoundIsAFaultThatNamesIt() throws IOException {
    Finding finding =
        new GpuCheck(
                "auto", ONE, new CudaPart.BuiltIn(), library -> !library.equals("libcudnn.so.9"))
            .look()
            .getFirst();
    assertThat(finding.level()).isEqualTo(Level.FAULT);
    assertThat(finding.found())
        .isEqualTo("NVIDIA H100, and ONNX Runtime will not find libcudnn.so.9");
    assertThat(finding.advice()).contains("LD_LIBRARY_PATH");
    assertThat(level("auto", ONE, new CudaPart.BuiltIn(), ALL)).isEqualTo(Level.OK);
  }

  @Test
  void aGpuThatIsNotThereIsAFault() throws IOException {
    assertThat(level("cuda:1", ONE, new CudaPart.BuiltIn(), ALL)).isEqualTo(Level.FAULT);
    assertThat(level("cuda:0", ONE, new CudaPart.BuiltIn(), ALL)).isEqualTo(Level.OK);
  }

  @Test
  void gpusAreReadAsTheDriverLaysThemOut() throws IOException {
    Path gpu = Files.createDirectories(folder.resolve("0000:01:00.0"));
    Files.writeString(
        gpu.resolve("information"), "Model: \t\t NVIDIA L4\nIRQ:   \t\t 42\nBus Type: PCIe\n");
    assertThat(Gpus.in(folder).models()).containsExactly("NVIDIA L4");
    assertThat(Gpus.in(folder.resolve("none")).models()).isEmpty();
  }

  @Test
  void neededLibrariesAreReadFromTheFileItself() throws IOException {
    Path jvm = Path.of(System.getProperty("java.home"), "lib", "server", "libjvm.so");
    assertThat(NeededLibraries.of(jvm)).contains("libc.so.6").allMatch(GpuCheck::loads);
    assertThat(GpuCheck.loads("libnobody-has-this.so.9")).isFalse();
  }

  @Test
  void aFileThatIsNoLibraryIsRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("a.so"), "not a library, and long enough for one");
    assertThatThrownBy(() -> NeededLibraries.of(text)).isInstanceOf(IOException.class);
    Path jvm = Path.of(System.getProperty("java.home"), "lib", "server", "libjvm.so");
    Path cut = folder.resolve("cut.so");
    try (var stream = Files.newInputStream(jvm)) {
      Files.write(cut, stream.readNBytes(4096));
    }
    assertThatThrownBy(() -> NeededLibraries.of(cut)).isInstanceOf(IOException.class);
  }

  private static Level level(String device, Gpus gpus, CudaPart cuda, Predicate<String> loads)
      throws IOException {
    return new GpuCheck(device, gpus, cuda, loads).look().getFirst().level();
  }
}
