package io.trimtab.model;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where everything that Trimtab keeps lies when nobody says otherwise: {@code TRIMTAB_DATA}, else
 * {@code trimtab} in the user's data folder (XDG base directory specification).
 */
public final class DataFolder {
  private DataFolder() {}

  /** The folder for this user and environment, absolute; it need not exist. */
  public static Path standard() {
    return standard(System.getenv(), System.getProperty("user.home"));
  }

  static Path standard(Map<String, String> environment, String home) {
    String own = given(environment, "TRIMTAB_DATA");
    if (own != null) {
      return Path.of(own).toAbsolutePath().normalize();
    }
    String xdg = given(environment, "XDG_DATA_HOME");
    // The specification: a relative path there is invalid and is to be ignored.
    if (xdg != null && Path.of(xdg).isAbsolute()) {
      return Path.of(xdg, "trimtab");
    }
    return Path.of(home, ".local", "share", "trimtab").toAbsolutePath();
  }

  private static @Nullable String given(Map<String, String> environment, String name) {
    String value = environment.get(name);
    return value == null || value.isBlank() ? null : value;
  }
}
