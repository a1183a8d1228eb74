package io.trimtab.app;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.SysPropConfigSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * The settings that a server would start with, read without starting one: from the command line,
 * the environment, {@code .env}, {@code config/application.properties} and what is built in, with
 * the ranks that Quarkus gives them.
 */
final class CommandConfig {
  /** Where a person writes settings, below the working folder. */
  static final Path FILE = Path.of("config", "application.properties");

  private static final Path DOT_ENV = Path.of(".env");
  private static final int COMMAND_LINE_RANK = 500;
  private static final int DOT_ENV_RANK = 295;
  private static final int FILE_RANK = 260;
  private static final int BUILT_IN_RANK = 250;

  private final SmallRyeConfigBuilder builder;

  private CommandConfig(SmallRyeConfigBuilder builder) {
    this.builder = builder;
  }

  /**
   * Of this process.
   *
   * @param options of the command line, by the names of settings
   */
  static CommandConfig of(Map<String, String> options) {
    return of(options, System.getenv(), Path.of(""));
  }

  /** Of another working folder and environment. */
  static CommandConfig of(
      Map<String, String> options, Map<String, String> environment, Path folder) {
    return new CommandConfig(
        new SmallRyeConfigBuilder()
            .addDefaultInterceptors()
            .withProfile("prod")
            .withSources(
                new PropertiesConfigSource(options, "the command line", COMMAND_LINE_RANK),
                new SysPropConfigSource(),
                new EnvConfigSource(environment, EnvConfigSource.ORDINAL),
                new EnvConfigSource(file(folder.resolve(DOT_ENV)), DOT_ENV_RANK),
                new PropertiesConfigSource(file(folder.resolve(FILE)), FILE.toString(), FILE_RANK),
                new PropertiesConfigSource(builtIn(), "the program", BUILT_IN_RANK)));
  }

  /** Single settings by their names, whatever the others are worth. */
  SmallRyeConfig values() {
    return builder.build();
  }

  /**
   * All of Trimtab's own.
   *
   * @throws io.smallrye.config.ConfigValidationException for a value that is not of its type
   */
  TrimtabConfig mapped() {
    return builder
        .withMapping(TrimtabConfig.class)
        .withMappingIgnore("trimtab.**")
        .build()
        .getConfigMapping(TrimtabConfig.class);
  }

  /** Where a source's settings stand, for people. */
  static String place(ConfigSource source) {
    return switch (source) {
      case EnvConfigSource variables ->
          variables.getOrdinal() == DOT_ENV_RANK ? DOT_ENV.toString() : "the environment";
      case SysPropConfigSource _ -> "the JVM's properties";
      // SmallRye puts its own words around the name that it was given.
      default -> source.getName().replaceAll(".*\\[source=(.*)]", "$1");
    };
  }

  private static Map<String, String> file(Path file) {
    if (!Files.isRegularFile(file)) {
      return Map.of();
    }
    try (Reader reader = Files.newBufferedReader(file)) {
      Properties properties = new Properties();
      properties.load(reader);
      return texts(properties);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> builtIn() {
    try (InputStream stream =
        CommandConfig.class.getClassLoader().getResourceAsStream("application.properties")) {
      if (stream == null) {
        throw new IllegalStateException("The build left application.properties out");
      }
      Properties properties = new Properties();
      properties.load(stream);
      return texts(properties);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> texts(Properties properties) {
    Map<String, String> texts = new HashMap<>();
    properties.stringPropertyNames().forEach(name -> texts.put(name, properties.getProperty(name)));
    return texts;
  }
}
