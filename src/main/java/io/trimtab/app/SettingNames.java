package io.trimtab.app;

import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.spi.ConfigSource;

/** The names of all settings, by which a name that is none is found out. */
final class SettingNames {
  private static final String PREFIX = "trimtab.";
  private static final String VARIABLE_PREFIX = "TRIMTAB_";

  /** Variables of the launcher and of commands, which are no settings. */
  private static final Set<String> OTHER_VARIABLES =
      Set.of(
          "TRIMTAB_JAVA_HOME",
          "TRIMTAB_JAVA_OPTS",
          "TRIMTAB_BUILD_ARGS",
          "TRIMTAB_SKIP_BUILD",
          "TRIMTAB_STACKTRACE",
          "TRIMTAB_API_KEY");

  private final List<String> names;
  private final Pattern properties;
  private final Pattern variables;

  private SettingNames(Set<String> names) {
    this.names = List.copyOf(names);
    this.properties = any(names);
    this.variables = any(names.stream().map(SettingNames::variable).collect(Collectors.toSet()));
  }

  /** Those of {@link TrimtabConfig}. */
  static SettingNames known() {
    return new SettingNames(
        new TreeSet<>(
            ConfigMappings.getProperties(ConfigClass.configClass(TrimtabConfig.class)).keySet()));
  }

  /**
   * A name that looks like a setting and is none.
   *
   * @param source where it stands
   */
  record Stray(String name, String source) {}

  /** All of them, wherever they stand. */
  List<Stray> strays(SmallRyeConfig config) {
    List<Stray> strays = new ArrayList<>();
    for (ConfigSource source : config.getConfigSources()) {
      boolean environment = source instanceof EnvConfigSource;
      for (String name : new TreeSet<>(source.getPropertyNames())) {
        if (environment ? isStrayVariable(name) : isStrayProperty(name)) {
          strays.add(new Stray(name, CommandConfig.place(source)));
        }
      }
    }
    return strays;
  }

  /** The setting whose name takes the fewest changes of a character to get to. */
  String nearest(String stray) {
    return stray.startsWith(VARIABLE_PREFIX)
        ? nearest(stray, names.stream().map(SettingNames::variable).toList())
        : nearest(stray, names);
  }

  private boolean isStrayProperty(String name) {
    return name.startsWith(PREFIX) && !properties.matcher(name).matches();
  }

  private boolean isStrayVariable(String name) {
    return name.startsWith(VARIABLE_PREFIX)
        && !OTHER_VARIABLES.contains(name)
        && !variables.matcher(name).matches();
  }

  private static String nearest(String stray, List<String> names) {
    return names.stream()
        .filter(name -> name.indexOf('*') < 0)
        .min(Comparator.comparingInt(name -> distance(stray, name)))
        .orElseThrow();
  }

  /** As the environment spells it. */
  private static String variable(String property) {
    return property.replaceAll("[^a-zA-Z0-9*]", "_").toUpperCase(Locale.ROOT);
  }

  /** One pattern for all; a star is anything, since Kafka's own names have dots in them. */
  private static Pattern any(Set<String> names) {
    return Pattern.compile(
        names.stream()
            .map(name -> Pattern.quote(name).replace("*", "\\E.+\\Q"))
            .collect(Collectors.joining("|")));
  }

  /** Levenshtein's. */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int changed = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
