package io.trimtab.model.text;

import io.trimtab.error.TrimtabException;

/** Who speaks in a conversation. */
public enum Role {
  SYSTEM("system"),
  USER("user"),
  ASSISTANT("assistant");

  private final String wireName;

  Role(String wireName) {
    this.wireName = wireName;
  }

  public String wireName() {
    return wireName;
  }

  /**
   * The role of that name.
   *
   * @throws TrimtabException INVALID_ARGUMENT for any other name
   */
  public static Role of(String wireName) {
    for (Role role : values()) {
      if (role.wireName.equals(wireName)) {
        return role;
      }
    }
    throw TrimtabException.invalid(
        "The role is '%s', expected system, user or assistant".formatted(wireName));
  }
}
