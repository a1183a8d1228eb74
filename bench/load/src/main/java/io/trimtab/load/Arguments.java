package io.trimtab.load;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Arguments of the form {@code --name=value}, each taken once. */
record Arguments(Map<String, String> values) {
  static Arguments of(String... arguments) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (!argument.startsWith("--") || equals < 0) {
        throw new IllegalArgumentException("Got %s, expected --NAME=VALUE".formatted(argument));
      }
      if (values.put(argument.substring(0, equals), argument.substring(equals + 1)) != null) {
        throw new IllegalArgumentException(
            "Got %s twice, expected it once".formatted(argument.substring(0, equals)));
      }
    }
    return new Arguments(values);
  }

  Optional<String> take(String name) {
    return Optional.ofNullable(values.remove(name));
  }

  int number(String name, int otherwise) {
    String value = take(name).orElse(String.valueOf(otherwise));
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s is %s, expected a whole number".formatted(name, value), e);
    }
  }

  void requireNone() {
    if (!values.isEmpty()) {
      throw new IllegalArgumentException("There is no option " + values.keySet().iterator().next());
    }
  }
}
