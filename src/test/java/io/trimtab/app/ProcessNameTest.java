package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessNameTest {
  @TempDir Path data;

  @Test
  void isTheSameAfterARestart() {
    String before;
    try (ProcessName name = ProcessName.take(data)) {
      before = name.toString();
    }
    try (ProcessName name = ProcessName.take(data)) {
      assertThat(before).isNotBlank();
      assertThat(name).hasToString(before);
    }
  }

  @Test
  void isAnotherOfEachProcessOverTheSameData() {
    try (ProcessName first = ProcessName.take(data);
        ProcessName second = ProcessName.take(data)) {
      assertThat(first.toString()).isNotEqualTo(second.toString());
    }
  }
}
