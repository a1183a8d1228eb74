package io.trimtab.tuning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import io.trimtab.tuning.job.TrainingSequence;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * What a decoder that does not learn comes to at the answers of sequences: hidden states, from
 * which the frozen head makes its exact distributions at a fraction of their size. Kept within a
 * bound, and computed again beyond it. Owned by one thread.
 */
final class FrozenStates implements AutoCloseable {
  /** Some 3,500 answers of 20 tokens of width 896. */
  private static final long CACHE_BYTES_MAX = 256L << 20;

  private final TensorCache<Key> cache = new TensorCache<>(CACHE_BYTES_MAX);
  private final Function<List<TrainingSequence>, NDArray> compute;

  /** A sequence by what it holds, whoever read it and when. */
  private record Key(TrainingSequence sequence) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key(TrainingSequence same)
          && sequence.id().equals(same.id())
          && sequence.promptTokens() == same.promptTokens()
          && sequence.pictures().equals(same.pictures())
          && Arrays.equals(sequence.tokens(), same.tokens());
    }

    @Override
    public int hashCode() {
      return sequence.id().hashCode();
    }
  }

  /**
   * @param compute states {@code [answer tokens, hidden]} of some sequences
   */
  FrozenStates(Function<List<TrainingSequence>, NDArray> compute) {
    this.compute = compute;
  }

  /** States of each sequence, as a list of TorchScript's. */
  NDList of(List<TrainingSequence> sequences) {
    Set<Key> missing = new LinkedHashSet<>();
    for (TrainingSequence sequence : sequences) {
      Key key = new Key(sequence);
      if (cache.get(key) == null) {
        missing.add(key);
      }
    }
    if (!missing.isEmpty()) {
      NDArray all = compute.apply(missing.stream().map(Key::sequence).toList());
      long row = 0;
      for (Key key : missing) {
        long end = row + key.sequence.answerTokens();
        NDArray states = all.get(new NDIndex("{}:{}", row, end)).duplicate();
        states.setName("b[]");
        cache.put(key, states);
        row = end;
      }
    }
    NDList states = new NDList();
    for (TrainingSequence sequence : sequences) {
      states.add(Objects.requireNonNull(cache.get(new Key(sequence))));
    }
    return states;
  }

  /** Closes what is over the bound; between steps. */
  void trim() {
    cache.trim();
  }

  @Override
  public void close() {
    cache.close();
  }
}
