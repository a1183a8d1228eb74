package io.trimtab.engine.execution;

import io.trimtab.engine.scheduling.PrefixKeys;
import io.trimtab.engine.scheduling.Sequence;
import io.trimtab.ort.DeviceMemory;
import io.trimtab.ort.OrtException;
import io.trimtab.ort.OrtSession;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of prompts that have run, in blocks of {@link PrefixKeys#BLOCK_TOKENS} tokens on
 * the session's device, least recently used out first, within a limit of bytes. A prompt that
 * begins as an earlier one did copies its blocks in place of running them.
 *
 * <p>A block is used before those behind it and counts as used after them, so that what is evicted
 * is the end of a prompt, never its middle. Owned by the step loop's thread; any thread may read
 * the counters.
 */
final class PrefixCache implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(PrefixCache.class.getName());

  /** Blocks whose memory is allocated together. */
  private static final int SLAB_BLOCKS = 64;

  private final OrtSession session;
  private final KeyValueCache cache;
  private final long blockBytes;
  private final int blocksMax;
  private final List<DeviceMemory> slabs = new ArrayList<>();
  private final Deque<Block> free = new ArrayDeque<>();

  /** In order of last use, the latest last. */
  private final Map<PrefixKeys.Key, Block> blocks = new LinkedHashMap<>(16, 0.75f, true);

  private final AtomicLong bytes = new AtomicLong();
  private boolean growing = true;

  private record Block(DeviceMemory slab, long at) {}

  /**
   * @param bytesMax most bytes of blocks; less than one block keeps nothing
   */
  PrefixCache(OrtSession session, KeyValueCache cache, long bytesMax) {
    this.session = session;
    this.cache = cache;
    this.blockBytes = cache.bytes(PrefixKeys.BLOCK_TOKENS);
    this.blocksMax = Math.toIntExact(Math.min(bytesMax / blockBytes, Integer.MAX_VALUE));
  }

  /** Leading tokens of a sequence that are here, at most so many as may be reused. */
  int known(Sequence sequence) {
    int most = sequence.reusableTokens() / PrefixKeys.BLOCK_TOKENS;
    List<PrefixKeys.Key> keys = sequence.prefixKeys();
    int count = 0;
    while (count < Math.min(most, keys.size()) && blocks.containsKey(keys.get(count))) {
      count++;
    }
    return count * PrefixKeys.BLOCK_TOKENS;
  }

  /** Copies the first tokens of a sequence into its slot: as many as {@link #known} says. */
  void restore(Sequence sequence, int tokens) {
    for (int index = tokens / PrefixKeys.BLOCK_TOKENS - 1; index >= 0; index--) {
      Block block = blocks.get(sequence.prefixKeys().get(index));
      if (block == null) {
        throw new IllegalStateException("A block of a known prefix is gone");
      }
      int first = index * PrefixKeys.BLOCK_TOKENS;
      cache.copyIn(block.slab, block.at, sequence.slot, first, PrefixKeys.BLOCK_TOKENS);
    }
  }

  /** Keeps the whole blocks of a prompt that has run, as far as its task wants them kept. */
  void keep(Sequence sequence) {
    List<PrefixKeys.Key> keys = sequence.prefixKeys();
    int wanted = sequence.keptTokens() / PrefixKeys.BLOCK_TOKENS;
    int count = Math.min(Math.min(keys.size(), wanted), blocksMax);
    for (int index = count - 1; index >= 0; index--) {
      if (blocks.get(keys.get(index)) == null) {
        Block block = take();
        if (block == null) {
          return;
        }
        int first = index * PrefixKeys.BLOCK_TOKENS;
        cache.copyOut(sequence.slot, first, PrefixKeys.BLOCK_TOKENS, block.slab, block.at);
        blocks.put(keys.get(index), block);
      }
    }
  }

  private @Nullable Block take() {
    if (free.isEmpty() && growing && slabs.size() * SLAB_BLOCKS < blocksMax) {
      grow();
    }
    Block unused = free.poll();
    if (unused != null || blocks.isEmpty()) {
      return unused;
    }
    PrefixKeys.Key eldest = blocks.keySet().iterator().next();
    return blocks.remove(eldest);
  }

  /** Memory that runs out ends the growing, not a request: what is here is used in turn. */
  private void grow() {
    int count = Math.min(SLAB_BLOCKS, blocksMax - slabs.size() * SLAB_BLOCKS);
    try {
      DeviceMemory slab = DeviceMemory.allocate(session, count * blockBytes);
      slabs.add(slab);
      for (int i = 0; i < count; i++) {
        free.add(new Block(slab, i * blockBytes));
      }
      bytes.addAndGet(slab.bytes());
    } catch (OrtException e) {
      growing = false;
      LOG.log(System.Logger.Level.WARNING, "No more memory for prompt prefixes", e);
    }
  }

  /** Bytes of the memory set aside so far. */
  long bytes() {
    return bytes.get();
  }

  @Override
  public void close() {
    blocks.clear();
    free.clear();
    slabs.forEach(DeviceMemory::close);
    slabs.clear();
  }
}
