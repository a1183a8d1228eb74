package io.trimtab.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The program's version as the build wrote it, and the Java that runs it. */
public final class ProgramVersion implements IVersionProvider {
  /** The version alone, such as {@code 0.1.0}. */
  public static String number() {
    try (InputStream stream = ProgramVersion.class.getResourceAsStream("version.properties")) {
      if (stream == null) {
        throw new IllegalStateException("The build left version.properties out");
      }
      Properties properties = new Properties();
      properties.load(stream);
      return properties.getProperty("version", "unknown");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String[] getVersion() {
    return new String[] {"trimtab " + number(), "Java " + Runtime.version()};
  }
}
