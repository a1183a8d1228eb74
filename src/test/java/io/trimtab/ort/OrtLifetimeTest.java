package io.trimtab.ort;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.trimtab.model.graph.OnnxGraph;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Handles, memory and messages: what is refused, and how. */
final class OrtLifetimeTest {
  @TempDir Path folder;
  private TestBench bench;

  @BeforeEach
  void open() throws Exception {
    bench = new TestBench(folder);
  }

  @AfterEach
  void close() throws Exception {
    bench.close();
  }

  /** {@code y [n] = x [n] + 1}. */
  private static OnnxGraph increment() {
    OnnxGraph graph = new OnnxGraph("increment");
    String x = graph.input("x", DType.F32, "n");
    graph.nodes("", "Add", List.of(x, graph.scalar(1)), List.of("y"));
    graph.output("y", DType.F32, "n");
    return graph;
  }

  private OrtBinding incrementing() throws Exception {
    return bench.binding(increment(), SessionOptions.Optimization.ALL);
  }

  @Test
  void libraryIsTheOneInTheJar() {
    assertThat(bench.environment.version()).startsWith("1.");
  }

  @Test
  void libraryIsUnpackedOnceAndFoundAgain() throws Exception {
    Path cache = folder.resolve("cache");
    OrtLibrary first = OrtLibrary.bundled(cache);
    var written = Files.getLastModifiedTime(first.file());
    OrtLibrary second = OrtLibrary.bundled(cache);

    assertThat(second).isEqualTo(first);
    assertThat(Files.getLastModifiedTime(second.file())).isEqualTo(written);
    assertThat(cache).isDirectoryNotContaining("glob:**/unpacking-*");
  }

  @Test
  void sessionTellsItsInputsAndOutputs() throws Exception {
    OrtSession session = bench.session(increment(), SessionOptions.Optimization.ALL);

    assertThat(session.inputs()).hasToString("[x F32 [n]]");
    assertThat(session.outputs()).hasToString("[y F32 [n]]");
  }

  @Test
  void contentsChangeBetweenRunsOfOneBinding() throws Exception {
    OrtBinding binding = incrementing();
    OrtTensor x = bench.floats(Shape.of(2), 1, 2);
    OrtTensor y = bench.floats(Shape.of(2));
    binding.bindInput("x", x);
    binding.bindOutput("y", y);
    binding.run();
    assertThat(TestBench.read(y)).containsExactly(2, 3);

    x.tensor().data().setAtIndex(JAVA_FLOAT, 0, 7);
    binding.run();
    assertThat(TestBench.read(y)).containsExactly(8, 3);
  }

  @Test
  void outputOverItsInputIsWrittenInPlace() throws Exception {
    OrtBinding binding = incrementing();
    OrtTensor x = bench.floats(Shape.of(3), 1, 2, 3);
    binding.bindInput("x", x);
    binding.bindOutput("y", x);
    binding.run();
    binding.run();

    assertThat(TestBench.read(x)).containsExactly(3, 4, 5);
  }

  @Test
  void sliceReadsAndWritesItsPartAlone() throws Exception {
    OrtBinding binding = incrementing();
    OrtTensor whole = bench.floats(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    try (OrtTensor second = whole.slice(3 * 4, Shape.of(3))) {
      binding.bindInput("x", second);
      binding.bindOutput("y", second);
    }
    binding.run();

    assertThat(TestBench.read(whole)).containsExactly(1, 2, 3, 5, 6, 7);
    assertThatThrownBy(() -> whole.slice(4 * 4, Shape.of(3)))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void allocatedMemoryTakesAndGivesCopies() throws Exception {
    OrtSession session = bench.session(increment(), SessionOptions.Optimization.ALL);
    OrtTensor host = bench.floats(Shape.of(2), 5, 6);
    OrtTensor back = bench.floats(Shape.of(2));
    try (DeviceMemory memory = DeviceMemory.allocate(session, 64);
        OrtTensor there = memory.tensor(16, DType.F32, Shape.of(2));
        OrtBinding binding = session.binding()) {
      host.copyTo(there);
      binding.bindInput("x", there);
      binding.bindOutput("y", there);
      binding.run();
      there.copyTo(back);
      assertThat(TestBench.read(back)).containsExactly(6, 7);

      memory.close();
      assertThatIllegalStateException()
          .isThrownBy(() -> binding.bindInput("x", there))
          .withMessageContaining("closed");
      assertThatIllegalStateException()
          .isThrownBy(() -> memory.tensor(0, DType.F32, Shape.of(1)))
          .withMessageContaining("is closed");
    }
  }

  @Test
  void outputOfARunDiesWithItsTensor() throws Exception {
    OrtBinding binding = incrementing();
    binding.bindInput("x", bench.floats(Shape.of(1), 1));
    binding.bindOutputToDevice("y", Device.cpu());
    binding.run();
    OrtTensor output = binding.outputValues().getFirst();
    Tensor elements = output.tensor();
    output.close();
    output.close();

    assertThatIllegalStateException().isThrownBy(() -> elements.data().get(JAVA_FLOAT, 0));
    assertThatIllegalStateException().isThrownBy(output::tensor);
    assertThatIllegalStateException().isThrownBy(() -> binding.bindInput("x", output));
  }

  @Test
  void missingFileIsNamed() {
    Path missing = folder.resolve("nowhere.onnx");

    assertThatThrownBy(
            () -> OrtSession.open(bench.environment, missing, SessionOptions.on(Device.cpu(), 1)))
        .asInstanceOf(type(OrtException.class))
        .returns(OrtException.Code.NO_SUCH_FILE, OrtException::code)
        .extracting(Throwable::getMessage)
        .asString()
        .contains("nowhere.onnx");
  }

  @Test
  void unknownNamesAreRefusedWithThoseThatExist() throws Exception {
    OrtBinding binding = incrementing();
    OrtTensor x = bench.floats(Shape.of(1), 1);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> binding.bindInput("z", x))
        .withMessageContaining("no input \"z\"")
        .withMessageContaining("[x]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> binding.bindOutput("x", x))
        .withMessageContaining("no output \"x\"");
  }

  @Test
  void wrongTypeIsRefusedByTheRunAndTheNextRunWorks() throws Exception {
    OrtBinding binding = incrementing();
    OrtTensor y = bench.floats(Shape.of(1));
    binding.bindInput("x", bench.longs(Shape.of(1), 1));
    binding.bindOutput("y", y);
    assertThatThrownBy(binding::run)
        .asInstanceOf(type(OrtException.class))
        .returns(OrtException.Code.INVALID_ARGUMENT, OrtException::code);

    binding.bindInput("x", bench.floats(Shape.of(1), 1));
    binding.run();
    assertThat(TestBench.read(y)).containsExactly(2);
  }

  @Test
  void closedThingsRefuseWithAMessage() throws Exception {
    OrtSession session = bench.session(increment(), SessionOptions.Optimization.ALL);
    OrtBinding binding = session.binding();
    OrtTensor x = bench.floats(Shape.of(1), 1);
    x.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> binding.bindInput("x", x))
        .withMessage("Tensor F32 [1] is closed");

    session.close();
    session.close();
    assertThatIllegalStateException().isThrownBy(binding::run).withMessageContaining("is closed");
    binding.close();
    binding.close();
    assertThatIllegalStateException().isThrownBy(session::binding);
  }

  @Test
  void memoryFreedByItsOwnerIsNotBound() throws Exception {
    OrtBinding binding = incrementing();
    OrtTensor x;
    try (Arena brief = Arena.ofConfined()) {
      x = bench.tensor(DType.F32, Shape.of(1), brief.allocate(4));
    }

    assertThatIllegalStateException()
        .isThrownBy(() -> binding.bindInput("x", x))
        .withMessageContaining("memory under Tensor F32 [1] is closed");
  }

  @Test
  void heapMemoryIsRefused() {
    Tensor heap = new Tensor(DType.F32, Shape.of(1), MemorySegment.ofArray(new byte[4]));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> OrtTensor.over(bench.environment, heap))
        .withMessageContaining("Expected native memory");
  }

  @Test
  void terminatedOptionsStopARunUntilUnset() throws Exception {
    OrtBinding binding = incrementing();
    OrtTensor y = bench.floats(Shape.of(1));
    binding.bindInput("x", bench.floats(Shape.of(1), 1));
    binding.bindOutput("y", y);
    try (RunOptions options = RunOptions.create(bench.environment)) {
      options.terminate();
      assertThatThrownBy(() -> binding.run(options))
          .isInstanceOf(OrtException.class)
          .hasMessageContaining("terminate");
      options.unsetTerminate();
      binding.run(options);
    }
    assertThat(TestBench.read(y)).containsExactly(2);
  }

  @Test
  void clearedBindingHasNoInputs() throws Exception {
    OrtBinding binding = incrementing();
    binding.bindInput("x", bench.floats(Shape.of(1), 1));
    binding.bindOutputToDevice("y", Device.cpu());
    binding.clear();
    binding.bindOutputToDevice("y", Device.cpu());

    assertThatIllegalStateException()
        .isThrownBy(binding::run)
        .withMessageContaining("expected [x F32 [n]], bound are []");
  }

  @Test
  void sessionOpenedHereRunsOnAnotherThread() throws Exception {
    OrtBinding binding = incrementing();
    OrtTensor y = bench.floats(Shape.of(1));
    binding.bindInput("x", bench.floats(Shape.of(1), 1));
    binding.bindOutput("y", y);
    Thread other = Thread.ofPlatform().start(binding::run);
    other.join();

    assertThat(TestBench.read(y)).containsExactly(2);
  }
}
