package io.trimtab.engine.execution;

import io.trimtab.engine.scheduling.Sequence;
import io.trimtab.engine.scheduling.SlotTable;
import io.trimtab.model.TextConfig;
import io.trimtab.ort.DeviceMemory;
import io.trimtab.ort.OrtSession;
import io.trimtab.ort.OrtTensor;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of every slot, on the session's device: for each layer two blocks {@code [slots,
 * kv_heads, capacity, head_dim]}. A run binds the rows of a prefix of slots, or of one slot, as
 * past and as present: it appends in place and nothing is copied.
 *
 * <p>The capacity starts small and doubles when a sequence outgrows it; only then are the cached
 * tokens laid out anew, layer by layer. Memory that runs out on the way leaves every layer whole,
 * with a capacity of its own. It does not shrink. Owned by the step loop's thread.
 */
final class KeyValueCache implements AutoCloseable {
  private static final int FIRST_CAPACITY = 256;

  private final OrtSession session;
  private final DType dtype;
  private final int slots;
  private final int heads;
  private final int headDim;
  private final int capacityMax;

  /** The first layers grow first, so the last has the least room. */
  private final List<Layer> layers = new ArrayList<>();

  /** Blocks of one layer, each of {@code capacity} tokens a slot. */
  private record Layer(DeviceMemory keys, DeviceMemory values, int capacity) {
    void close() {
      keys.close();
      values.close();
    }
  }

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
    for (int layer = 0; layer < text.layers(); layer++) {
      layers.add(allocate(Math.min(FIRST_CAPACITY, capacityMax)));
    }
  }

  private Layer allocate(int capacity) {
    DeviceMemory keys = DeviceMemory.allocate(session, blockBytes(capacity));
    try {
      return new Layer(keys, DeviceMemory.allocate(session, blockBytes(capacity)), capacity);
    } catch (RuntimeException e) {
      keys.close();
      throw e;
    }
  }

  /** Tokens that a slot holds now. */
  int capacity() {
    return layer(layers.size() - 1).capacity();
  }

  /**
   * Makes room for that many tokens a slot, one layer after the other; every view is void
   * afterwards, also when memory runs out.
   */
  void grow(int tokens, SlotTable table) {
    if (tokens > capacityMax) {
      throw new IllegalStateException(
          "Asked for %d tokens a slot, at most %d".formatted(tokens, capacityMax));
    }
    int grown = capacity();
    while (grown < tokens) {
      grown = Math.min(2 * grown, capacityMax);
    }
    for (int index = 0; index < layers.size(); index++) {
      Layer old = layer(index);
      if (old.capacity() < grown) {
        Layer larger = allocate(grown);
        for (int slot = 0; slot < slots; slot++) {
          Sequence sequence = table.at(slot);
          if (sequence != null) {
            copy(old, slot, larger, slot, sequence.cached());
          }
        }
        layers.set(index, larger);
        old.close();
      }
    }
  }

  /** Copies the first {@code tokens} cached tokens of a slot to another slot. */
  void move(int from, int to, int tokens) {
    for (Layer layer : layers) {
      copy(layer, from, layer, to, tokens);
    }
  }

  /**
   * Keys of {@code count} slots from {@code first} on, {@code [count, kv_heads, capacity,
   * head_dim]}.
   */
  OrtTensor keys(int layer, int first, int count) {
    return view(layer(layer).keys(), layer(layer).capacity(), first, count);
  }

  /** Values likewise. */
  OrtTensor values(int layer, int first, int count) {
    return view(layer(layer).values(), layer(layer).capacity(), first, count);
  }

  private OrtTensor view(DeviceMemory block, int capacity, int first, int count) {
    return block.tensor(
        first * slotBytes(capacity), dtype, Shape.of(count, heads, capacity, headDim));
  }

  private void copy(Layer source, int sourceSlot, Layer target, int targetSlot, int tokens) {
    if (tokens == 0) {
      return;
    }
    for (int head = 0; head < heads; head++) {
      long from = sourceSlot * slotBytes(source.capacity) + head * headBytes(source.capacity);
      long to = targetSlot * slotBytes(target.capacity) + head * headBytes(target.capacity);
      copyHead(source.keys, from, target.keys, to, tokens);
      copyHead(source.values, from, target.values, to, tokens);
    }
  }

  private void copyHead(DeviceMemory source, long from, DeviceMemory target, long to, int tokens) {
    source.copyTo(from, target, to, headBytes(tokens));
  }

  /** Bytes of the keys and values of so many tokens, all layers together. */
  long bytes(int tokens) {
    return 2L * layers.size() * slotBytes(tokens);
  }

  /**
   * Copies {@code count} cached tokens of a slot, from token {@code first} on, to {@link #bytes}
   * bytes of other memory: layer by layer keys, then values, each {@code [kv_heads, count,
   * head_dim]}.
   */
  void copyOut(int slot, int first, int count, DeviceMemory target, long at) {
    long next = at;
    for (Layer layer : layers) {
      for (int head = 0; head < heads; head++) {
        long from = tokenOffset(layer, slot, head, first);
        layer.keys.copyTo(from, target, next + head * headBytes(count), headBytes(count));
        layer.values.copyTo(
            from, target, next + (heads + head) * headBytes(count), headBytes(count));
      }
      next += 2 * slotBytes(count);
    }
  }

  /** The opposite of {@link #copyOut}. */
  void copyIn(DeviceMemory source, long at, int slot, int first, int count) {
    long next = at;
    for (Layer layer : layers) {
      for (int head = 0; head < heads; head++) {
        long to = tokenOffset(layer, slot, head, first);
        source.copyTo(next + head * headBytes(count), layer.keys, to, headBytes(count));
        source.copyTo(next + (heads + head) * headBytes(count), layer.values, to, headBytes(count));
      }
      next += 2 * slotBytes(count);
    }
  }

  private long tokenOffset(Layer layer, int slot, int head, int token) {
    return slot * slotBytes(layer.capacity) + head * headBytes(layer.capacity) + headBytes(token);
  }

  private Layer layer(int index) {
    if (layers.isEmpty()) {
      throw new IllegalStateException("The key-value cache is closed");
    }
    return layers.get(index);
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
    layers.forEach(Layer::close);
    layers.clear();
  }
}
