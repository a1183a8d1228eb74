package io.trimtab.serving.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.error.Quoted;
import io.trimtab.serving.http.FieldException;
import java.util.ArrayList;
import java.util.List;

/** Reads token ids: whole numbers of 0 and above. */
final class TokenIds {
  private TokenIds() {}

  /** The ids of an array. */
  static List<Integer> of(List<JsonNode> elements, String path) {
    List<Integer> ids = new ArrayList<>(elements.size());
    for (int i = 0; i < elements.size(); i++) {
      JsonNode id = elements.get(i);
      if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
        throw JsonFields.wrongKind("%s[%d]".formatted(path, i), "a token id of 0 and above", id);
      }
      ids.add(id.intValue());
    }
    return ids;
  }

  /** An id that stands as a name, as those of {@code logit_bias} do. */
  static int of(String name, String path) {
    try {
      int id = Integer.parseInt(name);
      if (id >= 0) {
        return id;
      }
    } catch (NumberFormatException _) {
      // Said below.
    }
    throw FieldException.invalid(
        path, "%s has %s, expected token ids of 0 and above".formatted(path, Quoted.of(name)));
  }
}
