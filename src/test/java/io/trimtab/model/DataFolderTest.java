package io.trimtab.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DataFolderTest {
  private static final String HOME = "/home/ann";

  @Test
  void itIsInTheHomeFolderByDefault() {
    assertThat(DataFolder.standard(Map.of(), HOME))
        .isEqualTo(Path.of("/home/ann/.local/share/trimtab"));
  }

  @Test
  void theUsersDataFolderIsRespectedWhenAbsolute() {
    assertThat(DataFolder.standard(Map.of("XDG_DATA_HOME", "/data"), HOME))
        .isEqualTo(Path.of("/data/trimtab"));
    assertThat(DataFolder.standard(Map.of("XDG_DATA_HOME", "data"), HOME))
        .isEqualTo(Path.of("/home/ann/.local/share/trimtab"));
  }

  @Test
  void itsOwnVariableComesFirst() {
    Map<String, String> environment = Map.of("TRIMTAB_DATA", "/kept", "XDG_DATA_HOME", "/data");
    assertThat(DataFolder.standard(environment, HOME)).isEqualTo(Path.of("/kept"));
  }
}
