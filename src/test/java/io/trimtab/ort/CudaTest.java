package io.trimtab.ort;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.model.graph.OnnxGraph;
import io.trimtab.model.graph.WriteProgress;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("gpu")
final class CudaTest {
  @TempDir Path folder;

  @Test
  void runsInPlaceOnTheGpuBetweenCopies() throws Exception {
    OnnxGraph graph = new OnnxGraph("increment");
    String x = graph.input("x", DType.F32, "n");
    graph.nodes("", "Add", List.of(x, graph.scalar(1)), List.of("y"));
    graph.output("y", DType.F32, "n");
    graph.save(folder, "increment", WriteProgress.silent());
    try (TestBench bench = new TestBench(folder);
        OrtSession session =
            OrtSession.open(
                bench.environment,
                folder.resolve("increment.onnx"),
                SessionOptions.on(Device.cuda(0), 1));
        DeviceMemory memory = DeviceMemory.allocate(session, 256);
        OrtTensor there = memory.tensor(0, DType.F32, Shape.of(3));
        OrtBinding binding = session.binding()) {
      OrtTensor host = bench.floats(Shape.of(3), 1, 2, 3);
      host.copyTo(there);
      binding.bindInput("x", there);
      binding.bindOutput("y", there);
      binding.run();
      binding.run();
      there.copyTo(host);

      assertThat(TestBench.read(host)).containsExactly(3, 4, 5);
    }
  }
}
