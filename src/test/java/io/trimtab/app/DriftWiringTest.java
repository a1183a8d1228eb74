package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DriftWiringTest {
  @TempDir private Path data;

  @ParameterizedTest
  @ValueSource(strings = {"serve", "tune", "all"})
  void replicasOverOneDataFolderKeepWhatTheyHaveSeenApart(String role) {
    try (ProcessName one = ProcessName.take(data);
        ProcessName two = ProcessName.take(data)) {
      Path ofOne = DriftWiring.folder(data, role, one);
      Path ofTwo = DriftWiring.folder(data, role, two);

      assertThat(ofOne).startsWithRaw(data.resolve("drift"));
      assertThat(ofTwo).startsWithRaw(data.resolve("drift")).isNotEqualTo(ofOne);
      assertThat(ofTwo).isEqualTo(DriftWiring.folder(data, role, two));
    }
  }

  /** Where it has always been, so that an upgrade forgets nothing. */
  @Test
  void aServerAloneKeepsItInOnePlace() {
    try (ProcessName only = ProcessName.take(data)) {
      assertThat(DriftWiring.folder(data, "all", only)).isEqualTo(data.resolve("drift"));
    }
  }
}
