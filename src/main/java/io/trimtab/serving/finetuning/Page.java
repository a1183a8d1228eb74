package io.trimtab.serving.finetuning;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.trimtab.error.Quoted;
import io.trimtab.serving.http.FieldException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** OpenAI's page of a list. */
record Page<T>(
    String object,
    List<T> data,
    @JsonProperty("has_more") boolean hasMore,
    @JsonProperty("first_id") @Nullable String firstId,
    @JsonProperty("last_id") @Nullable String lastId) {
  Page {
    data = List.copyOf(data);
  }

  /** How many a client asks for. */
  record Size(@Nullable Integer limit, int usual, int max) {
    Size {
      if (limit != null && (limit < 1 || limit > max)) {
        throw FieldException.invalid(
            "limit", "limit is %d, expected 1 to %d".formatted(limit, max));
      }
    }

    int items() {
      return limit == null ? usual : limit;
    }
  }

  /** The first page of what is left of a list. */
  static <S, T> Page<T> of(
      List<S> rest, Size size, Function<S, String> id, Function<S, T> written) {
    List<S> page = rest.subList(0, Math.min(size.items(), rest.size()));
    return new Page<>(
        "list",
        page.stream().map(written).toList(),
        page.size() < rest.size(),
        page.isEmpty() ? null : id.apply(page.getFirst()),
        page.isEmpty() ? null : id.apply(page.getLast()));
  }

  /**
   * What is left of a list behind the one that has an id; all of it for none.
   *
   * @throws FieldException INVALID_ARGUMENT where none has it
   */
  static <S> List<S> behind(@Nullable String after, List<S> all, Function<S, String> id) {
    if (after == null) {
      return all;
    }
    for (int i = 0; i < all.size(); i++) {
      if (id.apply(all.get(i)).equals(after)) {
        return all.subList(i + 1, all.size());
      }
    }
    throw FieldException.invalid(
        "after", "after is %s, expected the id of one of the list".formatted(Quoted.of(after)));
  }
}
