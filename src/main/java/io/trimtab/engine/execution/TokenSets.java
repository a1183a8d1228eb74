package io.trimtab.engine.execution;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.trimtab.engine.api.TokenSet;
import io.trimtab.error.TrimtabException;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.ort.OrtTensor;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Which tokens belong to which {@link TokenSet}, as the graph reads it: {@code [sets, vocabulary]}
 * float32, 1 for a token of the set and else 0.
 */
public final class TokenSets implements AutoCloseable {
  private final int count;
  private final OrtTensor tensor;

  private TokenSets(int count, OrtTensor tensor) {
    this.count = count;
    this.tensor = tensor;
  }

  /**
   * Asks each set about each token.
   *
   * @param vocabulary rows of the language model's head; ids that the tokenizer lacks decode to ""
   * @throws TrimtabException INVALID_ARGUMENT for a set without a token in this vocabulary
   */
  @SuppressWarnings("MustBeClosedChecker") // Lives as long as the tensor over it.
  public static TokenSets of(
      List<TokenSet> sets, int vocabulary, IntFunction<String> texts, OrtEnvironment environment) {
    MemorySegment memory =
        Arena.ofAuto().allocate(Math.max(1, (long) sets.size() * vocabulary) * Float.BYTES, 64);
    int[] sizes = new int[sets.size()];
    for (int token = 0; token < vocabulary && !sets.isEmpty(); token++) {
      String text = texts.apply(token);
      for (int set = 0; set < sizes.length; set++) {
        if (sets.get(set).holds(text)) {
          memory.setAtIndex(JAVA_FLOAT, (long) set * vocabulary + token, 1);
          sizes[set]++;
        }
      }
    }
    for (int set = 0; set < sizes.length; set++) {
      if (sizes[set] == 0 && !sets.get(set).mayBeEmpty()) {
        throw TrimtabException.invalid(
            "The token class '%s' holds no token of this model's vocabulary, expected at least one"
                .formatted(sets.get(set).name()));
      }
    }
    Shape shape = Shape.of(sets.size(), vocabulary);
    MemorySegment own = memory.asSlice(0, shape.elements() * Float.BYTES);
    return new TokenSets(
        sets.size(), OrtTensor.over(environment, new Tensor(DType.F32, shape, own)));
  }

  int count() {
    return count;
  }

  OrtTensor tensor() {
    return tensor;
  }

  @Override
  public void close() {
    tensor.close();
  }
}
