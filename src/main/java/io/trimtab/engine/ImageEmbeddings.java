package io.trimtab.engine;

import io.trimtab.model.text.GridShape;
import java.lang.foreign.MemorySegment;

/**
 * A picture as the language model sees it.
 *
 * @param embeddings {@code [tokens, hidden]} in the precision's activation type, freed with the
 *     last reference to it
 * @param tokens image tokens
 * @param grid merged grid in tokens, for rotary positions on three axes
 */
record ImageEmbeddings(MemorySegment embeddings, int tokens, GridShape grid) {}
