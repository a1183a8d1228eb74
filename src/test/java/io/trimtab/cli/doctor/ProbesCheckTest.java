package io.trimtab.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProbesCheckTest {
  @TempDir private Path folder;

  @Test
  void aModelOfOnesOwnWithoutProbesIsAWarning() {
    assertThat(look(Optional.empty(), "dinghy-llava").level()).isEqualTo(Level.OK);
    Finding finding = look(Optional.empty(), "/models/mine");
    assertThat(finding.level()).isEqualTo(Level.WARNING);
    assertThat(finding.advice()).contains("trimtab probes make");
  }

  @Test
  void aFolderThatIsNoneIsAFault() throws IOException {
    assertThat(look(Optional.of(folder), "dinghy-llava").level()).isEqualTo(Level.FAULT);
    Files.writeString(folder.resolve("probes.jsonl"), "{\"task\": \"count\"");
    Finding finding = look(Optional.of(folder), "dinghy-llava");
    assertThat(finding.level()).isEqualTo(Level.FAULT);
    assertThat(finding.found()).contains("can't be read");
  }

  private static Finding look(Optional<Path> folder, String model) {
    return new ProbesCheck(folder, model, 100).look().getFirst();
  }
}
