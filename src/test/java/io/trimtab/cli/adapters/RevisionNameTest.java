package io.trimtab.cli.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class RevisionNameTest {
  @Test
  void revisionsAreNamedBehindAnAt() {
    assertThat(RevisionName.of("birds")).isEqualTo(new RevisionName("birds", OptionalInt.empty()));
    assertThat(RevisionName.of("birds@0"))
        .isEqualTo(new RevisionName("birds", OptionalInt.of(0)))
        .hasToString("birds@0");
    for (String bad : new String[] {"birds@", "birds@-1", "birds@x", "birds@2147483648"}) {
      assertThatThrownBy(() -> RevisionName.of(bad)).isInstanceOf(TypeConversionException.class);
    }
  }
}
