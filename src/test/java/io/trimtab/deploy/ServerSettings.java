package io.trimtab.deploy;

import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.trimtab.app.TrimtabConfig;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the server would read from a configuration file and an environment. */
public final class ServerSettings {
  private static final Set<String> NAMES =
      ConfigMappings.getProperties(new ConfigClass(TrimtabConfig.class, "trimtab")).keySet();

  private ServerSettings() {}

  /** As the server reads it: a name that it does not know is refused. */
  static SmallRyeConfig read(Map<String, String> file, Map<String, String> environment) {
    return new SmallRyeConfigBuilder()
        .addDefaultInterceptors()
        .withMapping(TrimtabConfig.class)
        .withSources(
            new PropertiesConfigSource(file, "file", 260), new EnvConfigSource(environment, 300))
        .build();
  }

  /** Whether the server has a setting of this name. */
  public static boolean has(String name) {
    return NAMES.contains(name);
  }

  /** Names of settings by those of the variables that set them. */
  public static Map<String, String> byVariable() {
    return NAMES.stream()
        .collect(
            Collectors.toMap(
                ServerSettings::variable, name -> name, (one, other) -> one, TreeMap::new));
  }

  private static String variable(String name) {
    return name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
  }
}
