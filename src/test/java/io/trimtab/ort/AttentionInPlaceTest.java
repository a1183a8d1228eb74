package io.trimtab.ort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.model.graph.Attribute;
import io.trimtab.model.graph.OnnxGraph;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GroupQueryAttention with one cache bound as past and present, over a prefix of its slots. */
final class AttentionInPlaceTest {
  private static final int SLOTS = 4;
  private static final int HEADS = 4;
  private static final int KV_HEADS = 2;
  private static final int CAPACITY = 32;
  private static final int DIM = 16;
  private static final int CACHE = SLOTS * KV_HEADS * CAPACITY * DIM;

  /** Sums of at most 32 products and a softmax in float; 3e-7 was measured. */
  private static final float TOLERANCE = 5e-6f;

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

  @Test
  void rowsOfDifferentLengthsGrowInPlaceAndLeaveOtherSlotsAlone() throws Exception {
    OrtBinding binding = bench.binding(attention(), SessionOptions.Optimization.ALL);
    int batch = 3;
    int[] lengths = {5, 9, 3};
    float[] keys = TestBench.random(CACHE, 1);
    float[] values = TestBench.random(CACHE, 2);
    Shape cache = Shape.of(SLOTS, KV_HEADS, CAPACITY, DIM);
    OrtTensor keyCache = bench.floats(cache, keys);
    OrtTensor valueCache = bench.floats(cache, values);
    Shape prefix = Shape.of(batch, KV_HEADS, CAPACITY, DIM);
    float[] query = TestBench.random(batch * HEADS * DIM, 3);
    float[] key = TestBench.random(batch * KV_HEADS * DIM, 4);
    float[] value = TestBench.random(batch * KV_HEADS * DIM, 5);
    OrtTensor output = bench.floats(Shape.of(batch, 1, HEADS * DIM));

    binding.bindInput("q", bench.floats(Shape.of(batch, 1, HEADS * DIM), query));
    binding.bindInput("k", bench.floats(Shape.of(batch, 1, KV_HEADS * DIM), key));
    binding.bindInput("v", bench.floats(Shape.of(batch, 1, KV_HEADS * DIM), value));
    binding.bindInput("seqlens_k", bench.ints(Shape.of(batch), lengths));
    binding.bindInput("total", bench.ints(Shape.of(), 10));
    try (OrtTensor keyRows = keyCache.view(prefix);
        OrtTensor valueRows = valueCache.view(prefix)) {
      binding.bindInput("past.key", keyRows);
      binding.bindInput("past.value", valueRows);
      binding.bindOutput("present.key", keyRows);
      binding.bindOutput("present.value", valueRows);
    }
    binding.bindOutput("o", output);
    binding.run();

    for (int row = 0; row < batch; row++) {
      append(keys, key, row, lengths[row]);
      append(values, value, row, lengths[row]);
    }
    assertThat(TestBench.read(keyCache)).containsExactly(keys);
    assertThat(TestBench.read(valueCache)).containsExactly(values);
    float[] got = TestBench.read(output);
    for (int row = 0; row < batch; row++) {
      int from = row * HEADS * DIM;
      assertThat(Arrays.copyOfRange(got, from, from + HEADS * DIM))
          .containsExactly(attend(query, keys, values, row, lengths[row] + 1), within(TOLERANCE));
    }
  }

  private static OnnxGraph attention() {
    OnnxGraph graph = new OnnxGraph("attention");
    List<String> inputs =
        List.of(
            graph.input("q", DType.F32, "batch", "seq", HEADS * DIM),
            graph.input("k", DType.F32, "batch", "seq", KV_HEADS * DIM),
            graph.input("v", DType.F32, "batch", "seq", KV_HEADS * DIM),
            graph.input("past.key", DType.F32, "batch", KV_HEADS, "capacity", DIM),
            graph.input("past.value", DType.F32, "batch", KV_HEADS, "capacity", DIM),
            graph.input("seqlens_k", DType.I32, "batch"),
            graph.input("total", DType.I32));
    graph.nodes(
        OnnxGraph.MICROSOFT,
        "GroupQueryAttention",
        inputs,
        List.of("o", "present.key", "present.value"),
        Attribute.of("num_heads", HEADS),
        Attribute.of("kv_num_heads", KV_HEADS));
    graph.output("o", DType.F32, "batch", "seq", HEADS * DIM);
    graph.output("present.key", DType.F32, "batch", KV_HEADS, "capacity", DIM);
    graph.output("present.value", DType.F32, "batch", KV_HEADS, "capacity", DIM);
    return graph;
  }

  /** Puts row's new {@code [KV_HEADS, DIM]} at {@code position} of its slot. */
  private static void append(float[] cache, float[] fresh, int row, int position) {
    for (int head = 0; head < KV_HEADS; head++) {
      System.arraycopy(fresh, (row * KV_HEADS + head) * DIM, cache, at(row, head, position), DIM);
    }
  }

  /** One query row over the first {@code length} positions of its slot: {@code [HEADS * DIM]}. */
  private static float[] attend(float[] query, float[] keys, float[] values, int row, int length) {
    float[] result = new float[HEADS * DIM];
    for (int head = 0; head < HEADS; head++) {
      int kvHead = head / (HEADS / KV_HEADS);
      double[] weights = new double[length];
      double sum = 0;
      for (int position = 0; position < length; position++) {
        double score = 0;
        for (int i = 0; i < DIM; i++) {
          score +=
              (double) query[(row * HEADS + head) * DIM + i] * keys[at(row, kvHead, position) + i];
        }
        weights[position] = Math.exp(score / Math.sqrt(DIM));
        sum += weights[position];
      }
      for (int i = 0; i < DIM; i++) {
        double mixed = 0;
        for (int position = 0; position < length; position++) {
          mixed += weights[position] / sum * values[at(row, kvHead, position) + i];
        }
        result[head * DIM + i] = (float) mixed;
      }
    }
    return result;
  }

  private static int at(int row, int head, int position) {
    return ((row * KV_HEADS + head) * CAPACITY + position) * DIM;
  }
}
