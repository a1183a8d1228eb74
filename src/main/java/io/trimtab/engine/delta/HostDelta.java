package io.trimtab.engine.delta;

import io.trimtab.adapter.peft.DeltaTarget;
import io.trimtab.adapter.peft.LoraModule;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.model.graph.Projection;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.ort.OrtTensor;
import io.trimtab.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A delta in host memory, in exactly the form that runs bind and the arena copies. Immutable; its
 * owner closes it when no run binds it any more.
 */
public final class HostDelta implements BoundDeltas, AutoCloseable {
  private static final long ALIGNMENT = 64;

  private final DeltaKey key;
  private final Arena arena;
  private final long bytes;
  private final int[] ranks = new int[Projection.ALL.size()];
  private final @Nullable Bound[] sites;
  private final @Nullable DeltaBlock[] projector = new DeltaBlock[2];
  private final EmptyDeltas empty;

  /** A block with ONNX Runtime's view of it. */
  private record Bound(DeltaBlock block, OrtTensor a, OrtTensor b) {}

  /**
   * Lays an adapter out.
   *
   * @param dtype of the graphs' activations
   * @param empty what sites without a delta bind
   */
  @SuppressWarnings("MustBeClosedChecker") // The arena lives as long as this delta.
  HostDelta(
      DeltaKey key,
      PeftAdapter adapter,
      DType dtype,
      OrtEnvironment environment,
      EmptyDeltas empty) {
    this.key = key;
    this.empty = empty;
    this.sites = new Bound[empty.sites().size()];
    this.bytes = bytes(adapter, dtype);
    this.arena = Arena.ofShared();
    try {
      MemorySegment memory = arena.allocate(Math.max(1, bytes), ALIGNMENT);
      long at = 0;
      for (LoraModule module : adapter.modules()) {
        long size = aligned(DeltaBlock.elements(module) * dtype.bytes());
        MemorySegment own = memory.asSlice(at, DeltaBlock.elements(module) * dtype.bytes());
        DeltaBlock block = DeltaBlock.write(module, key.scale(), dtype, own);
        put(module.target(), block, environment);
        at += size;
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Bytes that the delta will take. */
  static long bytes(PeftAdapter adapter, DType dtype) {
    long bytes = 0;
    for (LoraModule module : adapter.modules()) {
      bytes += aligned(DeltaBlock.elements(module) * dtype.bytes());
    }
    return bytes;
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }

  private void put(DeltaTarget target, DeltaBlock block, OrtEnvironment environment) {
    switch (target) {
      case DeltaTarget.Decoder(int layer, Projection projection) -> {
        sites[DeltaSite.index(layer, projection)] =
            new Bound(
                block,
                OrtTensor.over(environment, block.a()),
                OrtTensor.over(environment, block.b()));
        int at = projection.ordinal();
        ranks[at] = Math.max(ranks[at], block.rank());
      }
      case DeltaTarget.Projector(int layer) -> projector[layer - 1] = block;
    }
  }

  public DeltaKey key() {
    return key;
  }

  /** Bytes in host memory. */
  public long bytes() {
    return bytes;
  }

  /** Largest rank at a projection over all layers, 0 where it is left alone. */
  int rank(Projection projection) {
    return ranks[projection.ordinal()];
  }

  /** The block of one site; null where it is left alone. */
  @Nullable DeltaBlock block(DeltaSite site) {
    Bound bound = sites[site.index()];
    return bound == null ? null : bound.block;
  }

  /** Whether embeddings of pictures differ under this delta. */
  public boolean changesProjector() {
    return projector[0] != null || projector[1] != null;
  }

  /**
   * The delta of a layer of the projector, as {@code a [1, inputs, rank]} and {@code b [1, rank,
   * outputs]}; null where it is left alone.
   *
   * @param layer 1 or 2
   */
  public @Nullable ProjectorDelta projector(int layer) {
    DeltaBlock block = projector[layer - 1];
    return block == null ? null : new ProjectorDelta(block.a(), block.b());
  }

  @Override
  public OrtTensor a(int site) {
    Bound bound = sites[site];
    return bound == null ? empty.a(site) : bound.a;
  }

  @Override
  public OrtTensor b(int site) {
    Bound bound = sites[site];
    return bound == null ? empty.b(site) : bound.b;
  }

  @Override
  public void close() {
    for (Bound bound : sites) {
      if (bound != null) {
        bound.a.close();
        bound.b.close();
      }
    }
    arena.close();
  }

  @Override
  public String toString() {
    return "Delta %s at %s, %d bytes".formatted(key.digest(), key.scale(), bytes);
  }
}
