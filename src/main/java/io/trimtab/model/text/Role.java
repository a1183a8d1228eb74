package io.trimtab.model.text;

import io.trimtab.error.TrimtabException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Who speaks in a conversation. */
public enum Role {
  SYSTEM,
  USER,
  ASSISTANT;

  /**
   * The role of that wire name.
   *
   * @throws TrimtabException INVALID_ARGUMENT for any other name; the message lists the known ones
   */
  public static Role of(String wireName) {
    for (Role role : values()) {
      if (role.wireName().equals(wireName)) {
        return role;
      }
    }
    String known = Arrays.stream(values()).map(Role::wireName).collect(Collectors.joining(", "));
    throw TrimtabException.invalid(
        "Unknown role \"%s\"; expected one of: %s".formatted(wireName, known));
  }

  /** The name that clients and chat templates use: lower case. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
