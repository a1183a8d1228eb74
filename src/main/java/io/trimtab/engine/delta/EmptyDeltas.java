package io.trimtab.engine.delta;

import io.trimtab.model.TextConfig;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.ort.OrtTensor;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Base: a delta of rank 0 at every site, which is legal, and cheap in a large model. */
public final class EmptyDeltas implements BoundDeltas, AutoCloseable {
  private final List<DeltaSite> sites;
  private final OrtTensor[] as;
  private final OrtTensor[] bs;
  private final Map<Shape, OrtTensor> tensors = new HashMap<>();

  /**
   * @param dtype of the graph's activations
   */
  public EmptyDeltas(OrtEnvironment environment, TextConfig text, DType dtype) {
    this.sites = DeltaSite.of(text);
    this.as = new OrtTensor[sites.size()];
    this.bs = new OrtTensor[sites.size()];
    for (DeltaSite site : sites) {
      as[site.index()] = empty(environment, dtype, Shape.of(1, site.inputs(), 0));
      bs[site.index()] = empty(environment, dtype, Shape.of(1, 0, site.outputs()));
    }
  }

  private OrtTensor empty(OrtEnvironment environment, DType dtype, Shape shape) {
    return tensors.computeIfAbsent(
        shape,
        key -> {
          MemorySegment nothing = Arena.global().allocate(0);
          return OrtTensor.over(environment, new Tensor(dtype, key, nothing));
        });
  }

  List<DeltaSite> sites() {
    return sites;
  }

  @Override
  public OrtTensor a(int site) {
    return as[site];
  }

  @Override
  public OrtTensor b(int site) {
    return bs[site];
  }

  @Override
  public void close() {
    tensors.values().forEach(OrtTensor::close);
    tensors.clear();
  }
}
