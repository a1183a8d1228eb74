package io.trimtab.engine.vision;

import io.trimtab.model.text.GridShape;
import java.lang.foreign.MemorySegment;

/**
 * A picture as the language model sees it.
 *
 * @param key what determines the embeddings
 * @param embeddings {@code [tokens, hidden]} in the precision's activation type, freed with the
 *     last reference to it
 * @param tokens image tokens
 * @param grid merged grid in tokens, for rotary positions on three axes
 */
public record ImageEmbeddings(ImageKey key, MemorySegment embeddings, int tokens, GridShape grid) {
  public long bytes() {
    return embeddings.byteSize();
  }
}
