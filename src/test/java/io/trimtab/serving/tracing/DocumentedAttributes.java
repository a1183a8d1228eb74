package io.trimtab.serving.tracing;

import io.opentelemetry.api.common.AttributeKey;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** The names of all attributes that spans have, for tests of what documents say. */
public final class DocumentedAttributes {
  private DocumentedAttributes() {}

  public static Set<String> names() {
    return Arrays.stream(TraceNames.class.getDeclaredFields())
        .filter(field -> AttributeKey.class.isAssignableFrom(field.getType()))
        .map(DocumentedAttributes::name)
        .collect(Collectors.toSet());
  }

  private static String name(Field field) {
    try {
      field.setAccessible(true);
      return ((AttributeKey<?>) field.get(null)).getKey();
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
