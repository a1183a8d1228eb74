package io.trimtab.cli.doctor;

import java.util.List;
import java.util.Set;

/**
 * The Java that runs this, and what it runs on.
 *
 * @param feature version of the language, such as 25
 * @param version in full, with who made it
 * @param system as {@code os.name} has it
 * @param processor as {@code os.arch} has it
 */
public record JavaCheck(int feature, String version, String system, String processor)
    implements Check {
  private static final int FEATURE_MIN = 25;

  /** Java's names for x86-64. */
  private static final Set<String> TESTED = Set.of("amd64", "x86_64");

  /** That of this process. */
  public static JavaCheck here() {
    return new JavaCheck(
        Runtime.version().feature(),
        "%s %s".formatted(System.getProperty("java.vendor"), Runtime.version()),
        System.getProperty("os.name"),
        System.getProperty("os.arch"));
  }

  @Override
  public String name() {
    return "java";
  }

  @Override
  public List<Finding> look() {
    String found = "%s on %s %s".formatted(version, system, processor);
    if (feature < FEATURE_MIN) {
      return List.of(
          Finding.fault(
              name(),
              "%s, expected %d or later".formatted(found, FEATURE_MIN),
              "install a JDK %d, or name one in TRIMTAB_JAVA_HOME".formatted(FEATURE_MIN)));
    }
    if (!system.equals("Linux") || !TESTED.contains(processor)) {
      return List.of(
          Finding.warning(
              name(),
              found + ", where Trimtab is not tested",
              "run it on Linux on x86-64 where it has to work"));
    }
    return List.of(Finding.ok(name(), found));
  }
}
