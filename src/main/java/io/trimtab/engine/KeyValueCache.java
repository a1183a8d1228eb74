package io.trimtab.engine;

import io.trimtab.model.TextConfig;
import io.trimtab.ort.DeviceMemory;
import io.trimtab.ort.OrtSession;
import io.trimtab.ort.OrtTensor;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of every slot, on the session's device: for each layer two blocks {@code [slots,
 * kv_heads, capacity, head_dim]}. A run binds the rows of a prefix of slots, or of one slot, as
 * past and as present: it appends in place and nothing is copied.
 *
 * <p>The capacity starts small and doubles when a sequence outgrows it; only then are the cached
 * tokens laid out anew. It does not shrink. Owned by the step loop's thread.
 */
final class KeyValueCache implements AutoCloseable {
  private static final int FIRST_CAPACITY = 256;

  private final OrtSession session;
  private final DType dtype;
  private final int slots;
  private final int heads;
  private final int headDim;
  private final int capacityMax;
  private final List<@Nullable DeviceMemory> blocks;
  private int capacity;

  /**
   * @param capacityMax longest sequence in tokens
   */
  KeyValueCache(OrtSession session, TextConfig text, DType dtype, int slots, int capacityMax) {
    this.session = session;
    this.dtype = dtype;
    this.slots = slots;
    this.heads = text.keyValueHeads();
    this.headDim = text.headDim();
    this.capacityMax = capacityMax;
    this.capacity = Math.min(FIRST_CAPACITY, capacityMax);
    this.blocks = new ArrayList<>();
    for (int block = 0; block < 2 * text.layers(); block++) {
      blocks.add(DeviceMemory.allocate(session, blockBytes(capacity)));
    }
  }

  /** Tokens that a slot holds now. */
  int capacity() {
    return capacity;
  }

  /** Bytes of all blocks. */
  long bytes() {
    return blocks.size() * blockBytes(capacity);
  }

  /**
   * Makes room for that many tokens a slot, one block after the other; every view is void
   * afterwards.
   */
  void grow(int tokens, SlotTable table) {
    if (tokens > capacityMax) {
      throw new IllegalStateException(
          "Asked for %d tokens a slot, at most %d".formatted(tokens, capacityMax));
    }
    int grown = capacity;
    while (grown < tokens) {
      grown = Math.min(2 * grown, capacityMax);
    }
    for (int index = 0; index < blocks.size(); index++) {
      DeviceMemory larger = DeviceMemory.allocate(session, blockBytes(grown));
      try (DeviceMemory old = block(index)) {
        for (int slot = 0; slot < slots; slot++) {
          Sequence sequence = table.at(slot);
          if (sequence != null) {
            copyHeads(old, capacity, slot, larger, grown, slot, sequence.cached());
          }
        }
      }
      blocks.set(index, larger);
    }
    capacity = grown;
  }

  /** Copies the first {@code tokens} cached tokens of a slot to another slot. */
  void move(int from, int to, int tokens) {
    for (int index = 0; index < blocks.size(); index++) {
      copyHeads(block(index), capacity, from, block(index), capacity, to, tokens);
    }
  }

  /**
   * Keys of {@code count} slots from {@code first} on, {@code [count, kv_heads, capacity,
   * head_dim]}.
   */
  OrtTensor keys(int layer, int first, int count) {
    return view(2 * layer, first, count);
  }

  /** Values likewise. */
  OrtTensor values(int layer, int first, int count) {
    return view(2 * layer + 1, first, count);
  }

  private OrtTensor view(int index, int first, int count) {
    return block(index)
        .tensor(first * slotBytes(capacity), dtype, Shape.of(count, heads, capacity, headDim));
  }

  private void copyHeads(
      DeviceMemory source,
      int sourceCapacity,
      int sourceSlot,
      DeviceMemory target,
      int targetCapacity,
      int targetSlot,
      int tokens) {
    if (tokens == 0) {
      return;
    }
    Shape ofHead = Shape.of(tokens, headDim);
    for (int head = 0; head < heads; head++) {
      long from = sourceSlot * slotBytes(sourceCapacity) + head * headBytes(sourceCapacity);
      long to = targetSlot * slotBytes(targetCapacity) + head * headBytes(targetCapacity);
      try (OrtTensor read = source.tensor(from, dtype, ofHead);
          OrtTensor written = target.tensor(to, dtype, ofHead)) {
        read.copyTo(written);
      }
    }
  }

  private DeviceMemory block(int index) {
    DeviceMemory block = blocks.get(index);
    if (block == null) {
      throw new IllegalStateException("The key-value cache is closed");
    }
    return block;
  }

  private long headBytes(int tokens) {
    return (long) tokens * headDim * dtype.bytes();
  }

  private long slotBytes(int tokens) {
    return heads * headBytes(tokens);
  }

  private long blockBytes(int tokens) {
    return slots * slotBytes(tokens);
  }

  @Override
  public void close() {
    for (int index = 0; index < blocks.size(); index++) {
      DeviceMemory block = blocks.set(index, null);
      if (block != null) {
        block.close();
      }
    }
  }
}
