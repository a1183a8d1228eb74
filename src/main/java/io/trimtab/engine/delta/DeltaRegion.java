package io.trimtab.engine.delta;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.graph.Projection;
import io.trimtab.ort.DeviceMemory;
import io.trimtab.ort.OrtException;
import io.trimtab.ort.OrtSession;
import io.trimtab.ort.OrtTensor;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One projection's part of the arena at one rank: for each layer {@code a [slots, inputs, rank]},
 * then {@code b [slots, rank, outputs]}. Owned by the step loop's thread.
 */
final class DeltaRegion implements AutoCloseable {
  private final List<DeltaSite> sites;
  private final DType dtype;
  private final int slots;
  private final int rank;
  private final DeviceMemory memory;

  private DeltaRegion(
      List<DeltaSite> sites, DType dtype, int slots, int rank, DeviceMemory memory) {
    this.sites = sites;
    this.dtype = dtype;
    this.slots = slots;
    this.rank = rank;
    this.memory = memory;
  }

  /** Throws RESOURCE_EXHAUSTED where the device has no room for it. */
  static DeltaRegion allocate(
      OrtSession session,
      Projection projection,
      List<DeltaSite> all,
      DType dtype,
      int slots,
      int rank) {
    List<DeltaSite> sites = all.stream().filter(site -> site.projection() == projection).toList();
    DeltaSite first = sites.getFirst();
    long bytes =
        (long) sites.size() * slots * rank * (first.inputs() + first.outputs()) * dtype.bytes();
    try {
      return new DeltaRegion(sites, dtype, slots, rank, DeviceMemory.allocate(session, bytes));
    } catch (OrtException e) {
      throw new TrimtabException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "Adapters of rank %d at %s need %d bytes for %d slots and there is no room; try again later"
              .formatted(rank, projection.wireName(), bytes, slots),
          e);
    }
  }

  int rank() {
    return rank;
  }

  long bytes() {
    return memory.bytes();
  }

  /** {@code [count, inputs, rank]} of the slots from {@code first} on; the caller closes it. */
  OrtTensor a(DeltaSite site, int first, int count) {
    return memory.tensor(aOffset(site, first), dtype, Shape.of(count, site.inputs(), rank));
  }

  /** {@code [count, rank, outputs]} likewise. */
  OrtTensor b(DeltaSite site, int first, int count) {
    return memory.tensor(bOffset(site, first), dtype, Shape.of(count, rank, site.outputs()));
  }

  /** Copies a delta's blocks into a slot; zeros where it has none. */
  void write(int slot, @Nullable HostDelta delta, Staging staging) {
    for (DeltaSite site : sites) {
      DeltaBlock block = delta == null ? null : delta.block(site);
      writeA(site, slot, block, staging);
      writeB(site, slot, block, staging);
    }
  }

  private void writeA(DeltaSite site, int slot, @Nullable DeltaBlock block, Staging staging) {
    MemorySegment whole =
        block != null && block.rank() == rank
            ? block.a().data()
            : staging.rows(block == null ? null : block.a(), aBytes(site), site.inputs());
    memory.copyFrom(whole, aOffset(site, slot));
  }

  private void writeB(DeltaSite site, int slot, @Nullable DeltaBlock block, Staging staging) {
    MemorySegment whole =
        block != null && block.rank() == rank
            ? block.b().data()
            : staging.start(block == null ? null : block.b(), bBytes(site));
    memory.copyFrom(whole, bOffset(site, slot));
  }

  private long aOffset(DeltaSite site, int slot) {
    return siteOffset(site) + slot * aBytes(site);
  }

  private long bOffset(DeltaSite site, int slot) {
    return siteOffset(site) + slots * aBytes(site) + slot * bBytes(site);
  }

  private long siteOffset(DeltaSite site) {
    return site.layer() * slots * (aBytes(site) + bBytes(site));
  }

  private long aBytes(DeltaSite site) {
    return (long) site.inputs() * rank * dtype.bytes();
  }

  private long bBytes(DeltaSite site) {
    return (long) site.outputs() * rank * dtype.bytes();
  }

  @Override
  public void close() {
    memory.close();
  }
}
