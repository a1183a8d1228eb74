package io.trimtab.model.graph;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.trimtab.ort.Device;
import io.trimtab.ort.OrtBinding;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.ort.OrtSession;
import io.trimtab.ort.OrtTensor;
import io.trimtab.ort.TensorInfo;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** One run of an F32 graph: sizes for its named dimensions, and contents for some inputs. */
final class GraphRun {
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Map<String, Long> sizes = new HashMap<>();
  private final Map<String, long[]> integers = new HashMap<>();
  private final Map<String, float[]> floats = new HashMap<>();

  GraphRun(OrtEnvironment environment, OrtSession session) {
    this.environment = environment;
    this.session = session;
  }

  GraphRun size(String dimension, long size) {
    sizes.put(dimension, size);
    return this;
  }

  GraphRun with(String input, long... values) {
    integers.put(input, values);
    return this;
  }

  /** Inputs that nothing is said of are zeros. */
  GraphRun with(String input, float... values) {
    floats.put(input, values);
    return this;
  }

  /** What came out, F32 alone. */
  record Outputs(Map<String, float[]> byName) {
    float[] of(String name) {
      return Objects.requireNonNull(byName.get(name), name);
    }
  }

  /** Runs, for one output. */
  float[] output(String name) {
    return outputs().of(name);
  }

  Outputs outputs() {
    List<OrtTensor> open = new ArrayList<>();
    try (Arena arena = Arena.ofShared();
        OrtBinding binding = session.binding()) {
      for (TensorInfo input : session.inputs()) {
        OrtTensor tensor = OrtTensor.over(environment, tensor(input, arena));
        open.add(tensor);
        binding.bindInput(input.name(), tensor);
        if (input.name().startsWith("past_key_values.")) {
          binding.bindOutput(input.name().replace("past_key_values", "present"), tensor);
        }
      }
      List<String> names =
          new ArrayList<>(session.outputs().stream().map(TensorInfo::name).toList());
      names.removeIf(name -> name.startsWith("present."));
      names.forEach(name -> binding.bindOutputToDevice(name, Device.cpu()));
      binding.run();
      List<OrtTensor> values = binding.outputValues();
      open.addAll(values);
      Map<String, float[]> outputs = new LinkedHashMap<>();
      List<OrtTensor> results = values.subList(values.size() - names.size(), values.size());
      for (int i = 0; i < names.size(); i++) {
        if (results.get(i).dtype() == DType.F32) {
          outputs.put(names.get(i), Floats.toArray(results.get(i).tensor()));
        }
      }
      return new Outputs(outputs);
    } finally {
      open.forEach(OrtTensor::close);
    }
  }

  private Tensor tensor(TensorInfo input, Arena arena) {
    long[] dims =
        input.dims().stream()
            .mapToLong(
                dim ->
                    dim.size()
                        .orElseGet(() -> Objects.requireNonNull(sizes.get(dim.name()), dim.name())))
            .toArray();
    Shape shape = new Shape(dims);
    MemorySegment data = arena.allocate(shape.elements() * input.dtype().bytes(), 64);
    float[] reals = floats.getOrDefault(input.name(), new float[0]);
    for (int i = 0; i < reals.length; i++) {
      Floats.set(data, input.dtype(), i, reals[i]);
    }
    long[] wholes = integers.getOrDefault(input.name(), new long[0]);
    for (int i = 0; i < wholes.length; i++) {
      if (input.dtype() == DType.I32) {
        data.setAtIndex(JAVA_INT, i, Math.toIntExact(wholes[i]));
      } else {
        data.setAtIndex(JAVA_LONG, i, wholes[i]);
      }
    }
    return new Tensor(input.dtype(), shape, data);
  }

  static float[] random(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian() * 0.3f;
    }
    return values;
  }
}
