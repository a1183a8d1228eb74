package io.trimtab.ort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.model.graph.Attribute;
import io.trimtab.model.graph.OnnxGraph;
import io.trimtab.ort.SessionOptions.Optimization;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The operators that our graphs use, each against a plain reference. */
final class WrittenGraphRunsTest {
  /** Sums of some hundred products in float: a few units in the last place of values near 10. */
  private static final float TOLERANCE = 2e-5f;

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

  @ParameterizedTest
  @EnumSource(names = {"NONE", "ALL"})
  void weightOutsideTheGraphIsMultiplied(Optimization optimization) throws Exception {
    float[] w = TestBench.random(64 * 48, 1);
    float[] bias = TestBench.random(48, 2);
    float[] x = TestBench.random(3 * 64, 3);
    OnnxGraph graph = new OnnxGraph("linear");
    String input = graph.input("x", DType.F32, "rows", 64);
    OnnxGraph layer = graph.in("layers.0").in("up");
    String weight = layer.weight("w", DType.F32, Shape.of(64, 48), TestBench.source(w));
    String product = layer.node("MatMul", List.of(input, weight));
    assertThat(product).isEqualTo("layers.0.up/MatMul");
    layer.describe(product, DType.F32, "rows", 48);
    String small = layer.weight("b", DType.F32, Shape.of(48), TestBench.source(bias));
    layer.nodes("", "Add", List.of(product, small), List.of("y"));
    graph.output("y", DType.F32, "rows", 48);

    OrtBinding binding = bench.binding(graph, optimization);
    binding.bindInput("x", bench.floats(Shape.of(3, 64), x));
    binding.bindOutputToDevice("y", Device.cpu());

    float[] expected = TestBench.matMul(x, w, 3, 64, 48);
    for (int i = 0; i < expected.length; i++) {
      expected[i] += bias[i % 48];
    }
    assertThat(TestBench.run(binding).getFirst()).containsExactly(expected, within(TOLERANCE));
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "ALL"})
  void deltaOfNoRowsAddsNothing(Optimization optimization) throws Exception {
    OnnxGraph graph = new OnnxGraph("delta");
    String x = graph.input("x", DType.F32, "batch", "seq", 192);
    String a = graph.input("a", DType.F32, "slots", "rank", 192);
    String b = graph.input("b", DType.F32, "slots", "rank", 8);
    String down =
        graph.node(OnnxGraph.MICROSOFT, "FusedMatMul", List.of(x, a), Attribute.of("transB", 1));
    graph.nodes("", "MatMul", List.of(down, b), List.of("y"));
    graph.output("y", DType.F32, "batch", "seq", 8);
    float[] values = TestBench.random(2 * 3 * 192, 4);

    OrtBinding binding = bench.binding(graph, optimization);
    binding.bindInput("x", bench.floats(Shape.of(2, 3, 192), values));
    binding.bindInput("a", bench.floats(Shape.of(1, 0, 192)));
    binding.bindInput("b", bench.floats(Shape.of(1, 0, 8)));
    binding.bindOutputToDevice("y", Device.cpu());
    assertThat(TestBench.run(binding).getFirst()).hasSize(2 * 3 * 8).containsOnly(0f);

    float[] aRows = TestBench.random(2 * 4 * 192, 5);
    float[] bRows = TestBench.random(2 * 4 * 8, 6);
    binding.bindInput("a", bench.floats(Shape.of(2, 4, 192), aRows));
    binding.bindInput("b", bench.floats(Shape.of(2, 4, 8), bRows));
    float[] y = TestBench.run(binding).getFirst();
    for (int slot = 0; slot < 2; slot++) {
      float[] expected = deltaOf(values, aRows, bRows, slot);
      float[] own = Arrays.copyOfRange(y, slot * 24, slot * 24 + 24);
      // Two products in a row, of 192 and of 4 terms: values reach 60.
      assertThat(own).containsExactly(expected, within(2e-4f));
    }
  }

  /** {@code (x aT) b} of one slot: 3 tokens of 192, rank 4, 8 out. */
  private static float[] deltaOf(float[] x, float[] a, float[] b, int slot) {
    float[] transposed = new float[192 * 4];
    for (int r = 0; r < 4; r++) {
      for (int i = 0; i < 192; i++) {
        transposed[i * 4 + r] = a[(slot * 4 + r) * 192 + i];
      }
    }
    float[] own = Arrays.copyOfRange(x, slot * 3 * 192, (slot + 1) * 3 * 192);
    float[] rows = Arrays.copyOfRange(b, slot * 4 * 8, (slot + 1) * 4 * 8);
    return TestBench.matMul(TestBench.matMul(own, transposed, 3, 192, 4), rows, 3, 4, 8);
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "ALL"})
  void rotaryEmbeddingTurnsEachHeadByItsTokensAngles(Optimization optimization) throws Exception {
    int batch = 2;
    int seq = 3;
    int heads = 4;
    int dim = 16;
    int half = dim / 2;
    OnnxGraph graph = new OnnxGraph("rope");
    String x = graph.input("x", DType.F32, "batch", "seq", heads * dim);
    String cos = graph.input("cos", DType.F32, "batch", "seq", half);
    String sin = graph.input("sin", DType.F32, "batch", "seq", half);
    graph.nodes(
        "",
        "RotaryEmbedding",
        List.of(x, cos, sin),
        List.of("y"),
        Attribute.of("num_heads", heads));
    graph.output("y", DType.F32, "batch", "seq", heads * dim);
    float[] in = TestBench.random(batch * seq * heads * dim, 7);
    float[] c = TestBench.random(batch * seq * half, 8);
    float[] s = TestBench.random(batch * seq * half, 9);

    OrtBinding binding = bench.binding(graph, optimization);
    binding.bindInput("x", bench.floats(Shape.of(batch, seq, heads * dim), in));
    binding.bindInput("cos", bench.floats(Shape.of(batch, seq, half), c));
    binding.bindInput("sin", bench.floats(Shape.of(batch, seq, half), s));
    binding.bindOutputToDevice("y", Device.cpu());

    float[] expected = new float[in.length];
    for (int token = 0; token < batch * seq; token++) {
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < half; i++) {
          int first = (token * heads + h) * dim + i;
          float co = c[token * half + i];
          float si = s[token * half + i];
          expected[first] = in[first] * co - in[first + half] * si;
          expected[first + half] = in[first + half] * co + in[first] * si;
        }
      }
    }
    assertThat(TestBench.run(binding).getFirst()).containsExactly(expected, within(TOLERANCE));
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "ALL"})
  void rmsNormalizationWithAndWithoutASkipConnection(Optimization optimization) throws Exception {
    int width = 64;
    float[] in = TestBench.random(2 * width, 10);
    float[] skip = TestBench.random(2 * width, 11);
    float[] gamma = TestBench.random(width, 12);
    OnnxGraph graph = new OnnxGraph("norm");
    String x = graph.input("x", DType.F32, "rows", 1, width);
    String residual = graph.input("skip", DType.F32, "rows", 1, width);
    String weight = graph.weight("gamma", DType.F32, Shape.of(width), TestBench.source(gamma));
    Attribute epsilon = Attribute.of("epsilon", 1e-6f);
    graph.nodes(
        "",
        "RMSNormalization",
        List.of(x, weight),
        List.of("plain"),
        epsilon,
        Attribute.of("axis", -1));
    graph.nodes(
        OnnxGraph.MICROSOFT,
        "SkipSimplifiedLayerNormalization",
        List.of(x, residual, weight),
        List.of("skipped", "", "", "sum"),
        epsilon);
    for (String output : List.of("plain", "skipped", "sum")) {
      graph.output(output, DType.F32, "rows", 1, width);
    }

    OrtBinding binding = bench.binding(graph, optimization);
    binding.bindInput("x", bench.floats(Shape.of(2, 1, width), in));
    binding.bindInput("skip", bench.floats(Shape.of(2, 1, width), skip));
    for (String output : List.of("plain", "skipped", "sum")) {
      binding.bindOutputToDevice(output, Device.cpu());
    }

    float[] sum = new float[in.length];
    for (int i = 0; i < in.length; i++) {
      sum[i] = in[i] + skip[i];
    }
    List<float[]> outputs = TestBench.run(binding);
    assertThat(outputs.get(0)).containsExactly(rms(in, gamma), within(TOLERANCE));
    assertThat(outputs.get(1)).containsExactly(rms(sum, gamma), within(TOLERANCE));
    assertThat(outputs.get(2)).containsExactly(sum, within(TOLERANCE));
  }

  private static float[] rms(float[] x, float[] gamma) {
    float[] y = new float[x.length];
    for (int row = 0; row < x.length; row += gamma.length) {
      double squares = 0;
      for (int i = 0; i < gamma.length; i++) {
        squares += (double) x[row + i] * x[row + i];
      }
      double scale = 1 / Math.sqrt(squares / gamma.length + 1e-6);
      for (int i = 0; i < gamma.length; i++) {
        y[row + i] = (float) (x[row + i] * scale * gamma[i]);
      }
    }
    return y;
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "ALL"})
  void eightBitWeightsMultiplyWithinTheirRounding(Optimization optimization) throws Exception {
    int inner = 128;
    int columns = 96;
    int block = 32;
    float[] w = TestBench.random(columns * inner, 13);
    byte[] quantized = new byte[w.length];
    float[] scales = new float[w.length / block];
    for (int start = 0; start < w.length; start += block) {
      float largest = 0;
      for (int i = start; i < start + block; i++) {
        largest = Math.max(largest, Math.abs(w[i]));
      }
      scales[start / block] = largest / 127;
      for (int i = start; i < start + block; i++) {
        quantized[i] = (byte) (Math.round(w[i] / scales[start / block]) + 128);
      }
    }
    OnnxGraph graph = new OnnxGraph("quantized");
    String x = graph.input("x", DType.F32, "rows", inner);
    String q =
        graph.weight(
            "q",
            DType.U8,
            Shape.of(columns, inner / block, block),
            target ->
                MemorySegment.copy(
                    quantized, 0, target, ValueLayout.JAVA_BYTE, 0, quantized.length));
    String s = graph.weight("s", DType.F32, Shape.of(scales.length), TestBench.source(scales));
    graph.nodes(
        OnnxGraph.MICROSOFT,
        "MatMulNBits",
        List.of(x, q, s),
        List.of("y"),
        Attribute.of("K", inner),
        Attribute.of("N", columns),
        Attribute.of("bits", 8),
        Attribute.of("block_size", block),
        Attribute.of("accuracy_level", 4));
    graph.output("y", DType.F32, "rows", columns);
    float[] in = TestBench.random(2 * inner, 14);

    OrtBinding binding = bench.binding(graph, optimization);
    binding.bindInput("x", bench.floats(Shape.of(2, inner), in));
    binding.bindOutputToDevice("y", Device.cpu());
    float[] y = TestBench.run(binding).getFirst();

    float[] transposed = new float[w.length];
    for (int n = 0; n < columns; n++) {
      for (int k = 0; k < inner; k++) {
        transposed[k * columns + n] = w[n * inner + k];
      }
    }
    float[] expected = TestBench.matMul(in, transposed, 2, inner, columns);
    double error = 0;
    double size = 0;
    for (int i = 0; i < y.length; i++) {
      error += Math.pow(y[i] - expected[i], 2);
      size += Math.pow(expected[i], 2);
    }
    // Weights and, at this accuracy level, activations are rounded to 8 bits: 0.7 % was measured.
    assertThat(Math.sqrt(error / size)).isLessThan(0.015);
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "ALL"})
  void bestEntriesAreFoundAndGathered(Optimization optimization) throws Exception {
    OnnxGraph graph = new OnnxGraph("best");
    String x = graph.input("x", DType.F32, "rows", 6);
    String k = graph.constant(3);
    List<String> top =
        graph.nodes(
            "", "TopK", List.of(x, k), List.of("values", "indices"), Attribute.of("axis", -1));
    graph.nodes(
        "", "GatherElements", List.of(x, top.getLast()), List.of("again"), Attribute.of("axis", 1));
    graph.nodes("", "ReduceMax", List.of(x, graph.constant(-1)), List.of("largest"));
    graph.output("values", DType.F32, "rows", 3);
    graph.output("indices", DType.I64, "rows", 3);
    graph.output("again", DType.F32, "rows", 3);
    graph.output("largest", DType.F32, "rows", 1);

    OrtBinding binding = bench.binding(graph, optimization);
    binding.bindInput("x", bench.floats(Shape.of(2, 6), 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8));
    OrtTensor indices = bench.longs(Shape.of(2, 3));
    for (String output : List.of("values", "again", "largest")) {
      binding.bindOutputToDevice(output, Device.cpu());
    }
    binding.bindOutput("indices", indices);
    List<float[]> outputs = TestBench.run(binding);

    assertThat(outputs.get(0)).containsExactly(9, 5, 4, 8, 6, 5);
    assertThat(outputs.get(1)).containsExactly(9, 5, 4, 8, 6, 5);
    assertThat(outputs.get(2)).containsExactly(9, 8);
    assertThat(indices.tensor().data().toArray(ValueLayout.JAVA_LONG))
        .containsExactly(5, 4, 2, 5, 1, 2);
  }
}
