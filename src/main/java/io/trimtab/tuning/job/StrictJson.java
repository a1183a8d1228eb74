package io.trimtab.tuning.job;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * Records as JSON on one line, components by their names in snake_case, and back: strictly, so that
 * what says more, less or anything else than was written is refused.
 */
public final class StrictJson {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .defaultSetterInfo(JsonSetter.Value.forValueNulls(Nulls.FAIL, Nulls.FAIL))
          .build();

  private StrictJson() {}

  /** The record on one line, no line end. */
  public static String write(Object record) {
    try {
      return JSON.writeValueAsString(record);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static byte[] bytes(Object record) {
    return write(record).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param what is read, for the message
   * @throws TrimtabException INVALID_ARGUMENT for anything else
   */
  public static <T> T read(String what, String json, Class<T> type) {
    try {
      T record = JSON.readValue(json, type);
      if (record == null) {
        throw TrimtabException.invalid("%s is null, expected an object".formatted(what));
      }
      return record;
    } catch (UnrecognizedPropertyException e) {
      throw TrimtabException.invalid(
          "%s has the unknown field %s, expected %s"
              .formatted(what, Quoted.of(e.getPropertyName()), known(e)));
    } catch (ValueInstantiationException e) {
      // A record's own check speaks better than Jackson does about it.
      throw TrimtabException.invalid(
          "%s: %s".formatted(what, Objects.requireNonNullElse(e.getCause(), e).getMessage()));
    } catch (JsonProcessingException e) {
      throw TrimtabException.invalid("%s: %s".formatted(what, e.getOriginalMessage()));
    }
  }

  private static String known(UnrecognizedPropertyException e) {
    List<String> names = e.getKnownPropertyIds().stream().map(Object::toString).sorted().toList();
    return String.join(", ", names);
  }
}
