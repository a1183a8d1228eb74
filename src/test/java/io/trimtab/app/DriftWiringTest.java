package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DriftWiringTest {
  private static final Path DATA = Path.of("data");

  @Test
  void replicasOverOneDataFolderKeepWhatTheyHaveSeenApart() {
    Path one = DriftWiring.folder(DATA, "serve", "one");
    assertThat(one).startsWithRaw(DATA.resolve("drift"));
    assertThat(one).isNotEqualTo(DriftWiring.folder(DATA, "serve", "two"));
    assertThat(one).isEqualTo(DriftWiring.folder(DATA, "serve", "one"));
  }

  /** Where it has always been, so that an upgrade forgets nothing. */
  @Test
  void aServerAloneKeepsItInOnePlace() {
    assertThat(DriftWiring.folder(DATA, "all", "one")).isEqualTo(DATA.resolve("drift"));
  }
}
