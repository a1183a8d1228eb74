package io.trimtab.model.graph;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OnnxGraphTest {
  @TempDir Path folder;

  private static WeightSource filled(int value) {
    return target -> target.fill((byte) value);
  }

  @Test
  void largeWeightsStartAtPagesAndSmallOnesAtLines() throws Exception {
    OnnxGraph graph = new OnnxGraph("weights");
    graph.weight("small", DType.U8, Shape.of(10), filled(1));
    graph.weight("line", DType.U8, Shape.of(10), filled(2));
    graph.weight("page", DType.U8, Shape.of(5000), filled(3));
    List<String> heard = new ArrayList<>();
    graph.save(folder, "g", (bytes, total) -> heard.add(bytes + "/" + total));

    byte[] data = Files.readAllBytes(folder.resolve("g.onnx.data"));
    assertThat(data).hasSize(4096 + 5000);
    assertThat(data[0]).isEqualTo((byte) 1);
    assertThat(data[10]).isZero();
    assertThat(data[64]).isEqualTo((byte) 2);
    assertThat(data[4096]).isEqualTo((byte) 3);
    assertThat(heard).containsExactly("10/5020", "20/5020", "5020/5020");
    assertThat(graph.weightBytes()).isEqualTo(5020);
    String text = Files.readString(folder.resolve("g.onnx"), StandardCharsets.ISO_8859_1);
    assertThat(text).contains("location", "g.onnx.data", "offset", "4096", "length", "5000");
  }

  @Test
  void weightUsedTwiceIsStoredOnceAndWrittenOnce() throws Exception {
    OnnxGraph graph = new OnnxGraph("shared");
    List<String> writes = new ArrayList<>();
    WeightSource source =
        target -> {
          writes.add("once");
          target.set(JAVA_BYTE, 0, (byte) 9);
        };
    String first = graph.weight("w", DType.U8, Shape.of(1), source);
    String second = graph.in("elsewhere").weight("w", DType.U8, Shape.of(1), source);
    graph.save(folder, "g", WriteProgress.silent());

    assertThat(second).isEqualTo(first);
    assertThat(writes).hasSize(1);
    assertThat(folder.resolve("g.onnx.data")).hasSize(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.weight("w", DType.U8, Shape.of(2), source))
        .withMessage("Weight w is U8 [1], and again U8 [2]");
  }

  @Test
  void graphWithoutWeightsHasNoDataFile() throws Exception {
    OnnxGraph graph = new OnnxGraph("bare");
    Files.write(folder.resolve("g.onnx.data"), new byte[] {1});
    graph.save(folder, "g", WriteProgress.silent());

    assertThat(folder.resolve("g.onnx")).isNotEmptyFile();
    assertThat(folder.resolve("g.onnx.data")).doesNotExist();
  }

  @Test
  void namesAreScopedAndUnique() {
    OnnxGraph graph = new OnnxGraph("names");
    String x = graph.input("x", DType.F32, 1);
    OnnxGraph scope = graph.in("layers.0").in("mlp");

    assertThat(scope.node("Relu", List.of(x))).isEqualTo("layers.0.mlp/Relu");
    assertThat(scope.node("Relu", List.of(x))).isEqualTo("layers.0.mlp/Relu_1");
    assertThat(graph.in("layers.0").in("mlp").node("Relu", List.of(x)))
        .isEqualTo("layers.0.mlp/Relu_2");
    assertThat(graph.node("Relu", List.of(x))).isEqualTo("Relu");
  }

  @Test
  void equalConstantsAreOne() {
    OnnxGraph graph = new OnnxGraph("constants");

    assertThat(graph.scalar(1)).isEqualTo(graph.in("deep").scalar(1f));
    assertThat(graph.constant(0, -1)).isEqualTo(graph.constant(0, -1));
    assertThat(graph.constant(1)).isNotEqualTo(graph.index(1));
    assertThat(graph.scalar(DType.BF16, 1)).isNotEqualTo(graph.scalar(1));
  }

  @Test
  void mistakesAreRefusedAtOnce() {
    OnnxGraph graph = new OnnxGraph("mistakes");
    String x = graph.input("x", DType.F32, "n");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.node("Add", List.of(x, "nothing")))
        .withMessageContaining("reads \"nothing\"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.input("x", DType.F32))
        .withMessageContaining("named \"x\"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.output("y", DType.F32))
        .withMessageContaining("reads \"y\"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.input("z", DType.F32, 1.5))
        .withMessageContaining("1.5");
  }
}
