package io.trimtab.model.text;

import java.beans.FeatureDescriptor;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELResolver;
import org.jspecify.annotations.Nullable;

/**
 * The methods of Python's strings that published chat templates call; Jinjava by itself knows those
 * of Java's. What is none of these is left to it.
 */
final class PythonStrings extends ELResolver {
  @Override
  public @Nullable Object invoke(
      ELContext context,
      @Nullable Object base,
      @Nullable Object method,
      Class<?> @Nullable [] types,
      Object @Nullable [] parameters) {
    if (!(base instanceof String text) || method == null) {
      return null;
    }
    List<Object> given = parameters == null ? List.of() : Arrays.asList(parameters);
    if (!given.stream().allMatch(String.class::isInstance)) {
      return null;
    }
    Object value = call(text, method.toString(), given.stream().map(String.class::cast).toList());
    if (value != null) {
      context.setPropertyResolved(true);
    }
    return value;
  }

  private static @Nullable Object call(String text, String method, List<String> given) {
    return switch (given.size()) {
      case 0 -> call(text, method);
      case 1 -> call(text, method, given.getFirst());
      default -> null;
    };
  }

  private static @Nullable Object call(String text, String method) {
    return switch (method) {
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "lower" -> text.toLowerCase(Locale.ROOT);
      case "capitalize" -> capitalized(text);
      case "strip" -> text.strip();
      case "lstrip" -> text.stripLeading();
      case "rstrip" -> text.stripTrailing();
      case "split" -> text.isBlank() ? List.of() : List.of(text.strip().split("\\s+", -1));
      default -> null;
    };
  }

  private static @Nullable Object call(String text, String method, String argument) {
    return switch (method) {
      case "strip" -> withoutTrailing(withoutLeading(text, argument), argument);
      case "lstrip" -> withoutLeading(text, argument);
      case "rstrip" -> withoutTrailing(text, argument);
      case "startswith" -> text.startsWith(argument);
      case "endswith" -> text.endsWith(argument);
      case "split" -> argument.isEmpty() ? null : List.of(text.split(Pattern.quote(argument), -1));
      default -> null;
    };
  }

  private static String capitalized(String text) {
    int first = text.offsetByCodePoints(0, Math.min(1, text.length()));
    return text.substring(0, first).toUpperCase(Locale.ROOT)
        + text.substring(first).toLowerCase(Locale.ROOT);
  }

  /** Without the characters of that set before the first that is another. */
  private static String withoutLeading(String text, String characters) {
    int from = 0;
    while (from < text.length() && characters.indexOf(text.charAt(from)) >= 0) {
      from++;
    }
    return text.substring(from);
  }

  private static String withoutTrailing(String text, String characters) {
    int to = text.length();
    while (to > 0 && characters.indexOf(text.charAt(to - 1)) >= 0) {
      to--;
    }
    return text.substring(0, to);
  }

  @Override
  public @Nullable Object getValue(
      ELContext context, @Nullable Object base, @Nullable Object property) {
    return null;
  }

  @Override
  public @Nullable Class<?> getType(
      ELContext context, @Nullable Object base, @Nullable Object property) {
    return null;
  }

  @Override
  public void setValue(
      ELContext context,
      @Nullable Object base,
      @Nullable Object property,
      @Nullable Object value) {}

  @Override
  public boolean isReadOnly(ELContext context, @Nullable Object base, @Nullable Object property) {
    return true;
  }

  @Override
  public Iterator<FeatureDescriptor> getFeatureDescriptors(
      ELContext context, @Nullable Object base) {
    return Collections.emptyIterator();
  }

  @Override
  public @Nullable Class<?> getCommonPropertyType(ELContext context, @Nullable Object base) {
    return null;
  }
}
