package io.trimtab.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.cli.doctor.MemoryCheck.Memory;
import org.junit.jupiter.api.Test;

/** Java, cores and memory, on machines as they might be. */
final class MachineChecksTest {
  private static final long GIB = 1L << 30;

  @Test
  void thisMachineRunsTheTestsAndSoIsNoFault() {
    assertThat(JavaCheck.here().look().getFirst().level()).isNotEqualTo(Level.FAULT);
    assertThat(CoresCheck.here().look().getFirst().level()).isNotEqualTo(Level.FAULT);
    assertThat(new MemoryCheck(Memory.here(), 0, 0).look().getFirst().level())
        .isNotEqualTo(Level.FAULT);
    assertThat(Memory.here().total()).isBetween(1L, Memory.here().machine());
  }

  @Test
  void anOldJavaIsAFault() {
    Finding finding = new JavaCheck(21, "Temurin 21", "Linux", "amd64").look().getFirst();
    assertThat(finding.level()).isEqualTo(Level.FAULT);
    assertThat(finding.found()).contains("Temurin 21", "expected 25");
    assertThat(finding.advice()).contains("TRIMTAB_JAVA_HOME");
  }

  @Test
  void anotherSystemIsAWarning() {
    assertThat(new JavaCheck(25, "Temurin 25", "Mac OS X", "x86_64").look().getFirst().level())
        .isEqualTo(Level.WARNING);
    assertThat(new JavaCheck(25, "Temurin 25", "Linux", "aarch64").look().getFirst().level())
        .isEqualTo(Level.WARNING);
    assertThat(new JavaCheck(26, "Temurin 26", "Linux", "amd64").look().getFirst().level())
        .isEqualTo(Level.OK);
  }

  @Test
  void aSingleCoreIsAWarningAndALimitIsNamed() {
    assertThat(new CoresCheck(1, 1).look().getFirst().level()).isEqualTo(Level.WARNING);
    assertThat(new CoresCheck(4, 16).look())
        .containsExactly(Finding.ok("cores", "4 of the machine's 16, by a limit"));
    assertThat(new CoresCheck(4, 0).look()).containsExactly(Finding.ok("cores", "4"));
  }

  @Test
  void weightsThatDoNotFitAreAFault() {
    Finding finding =
        new MemoryCheck(new Memory(8 * GIB, 64 * GIB), 14 * GIB, GIB).look().getFirst();
    assertThat(finding.level()).isEqualTo(Level.FAULT);
    assertThat(finding.found())
        .isEqualTo(
            "8.0 GiB of the machine's 64.0 GiB, by a limit, and the weights alone are 14.0 GiB");
  }

  @Test
  void littleMemoryAndLargeCachesAreWarnings() {
    assertThat(new MemoryCheck(new Memory(GIB, GIB), 0, 0).look().getFirst().level())
        .isEqualTo(Level.WARNING);
    Finding finding = new MemoryCheck(new Memory(16 * GIB, 0), 14 * GIB, 3 * GIB).look().getFirst();
    assertThat(finding.level()).isEqualTo(Level.WARNING);
    assertThat(finding.advice()).contains("cache-bytes");
    assertThat(new MemoryCheck(new Memory(16 * GIB, 0), GIB, 3 * GIB).look())
        .containsExactly(Finding.ok("memory", "16.0 GiB"));
  }

  @Test
  void whatIsWrongComesWithAdviceAndWhatIsNotWithout() {
    assertThatThrownBy(() -> new Finding("x", Level.FAULT, "broken", ""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Finding("x", Level.OK, "fine", "do nothing"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
