package io.trimtab.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.cli.TextTable.Column;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

final class TextTableTest {
  @Test
  void columnsAreAsWideAsTheirWidestCell() {
    TextTable table = new TextTable(Column.left("NAME"), Column.right("N"), Column.left("NOTE"));
    table.row("a", 1, "first");
    table.row("long-name", 1000, "");
    assertThat(table.lines())
        .containsExactly("NAME          N  NOTE", "a             1  first", "long-name  1000");
  }

  @Test
  void aCellDoesNothingToTheTerminal() {
    TextTable table = new TextTable(Column.left("NOTE"));
    table.row("red \u001b[31m and \u202e turned\n");
    assertThat(table.lines()).contains("red ?[31m and ? turned?");
  }

  @Test
  void aRowOfAnotherWidthIsABrokenInvariant() {
    TextTable table = new TextTable(Column.left("NOTE"));
    assertThatThrownBy(() -> table.row("a", "b")).isInstanceOf(IllegalArgumentException.class);
  }

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
