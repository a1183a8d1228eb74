package io.trimtab.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.cli.terminal.TextTable.Column;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

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
  void onANarrowTerminalOnlyWhatMayGiveWayDoes() {
    TextTable table =
        new TextTable(Column.left("ID"), Column.shortened("QUESTION"), Column.wrapped("DETAIL"));
    table.row(
        "0123456789abcdef", "What species is this bird over there?", "the picture was not decoded");
    assertThat(table.lines(terminal(60)))
        .containsExactly(
            "ID                QUESTION              DETAIL",
            "0123456789abcdef  What species is thi…  the picture was not",
            "                                        decoded")
        .allSatisfy(line -> assertThat(line).hasSizeLessThan(61));
    assertThat(table.lines(terminal(200))).isEqualTo(table.lines());
  }

  @Test
  void whatIsReadByAProgramIsWhole() {
    TextTable table = new TextTable(Column.shortened("NOTE"), Column.wrapped("DETAIL"));
    table.row("n".repeat(500), "d ".repeat(500).strip());
    assertThat(table.lines()).hasSize(2).last().asString().hasSize(500 + 2 + 999);
  }

  @Test
  void aColumnThatStandsWholeMayBeTooWide() {
    TextTable table = new TextTable(Column.left("ID"), Column.shortened("NOTE"));
    table.row("i".repeat(100), "a note that is cut");
    assertThat(table.lines(terminal(40)).getLast()).isEqualTo("i".repeat(100) + "  a note that…");
  }

  @Test
  void aWordThatIsWiderThanItsColumnIsBroken() {
    TextTable table = new TextTable(Column.wrapped("DETAIL"));
    table.row("see " + "x".repeat(60));
    assertThat(table.lines(terminal(40)))
        .containsExactly("DETAIL", "see", "x".repeat(40), "x".repeat(20));
  }

  @Test
  void aToneIsAColourAndTakesNoRoom() {
    TextTable table = new TextTable(Column.left("LEVEL"), Column.right("N"));
    table.row(Tone.WARNING.of("WARNING"), 1);
    table.row(Tone.GOOD.of("ok"), 2);
    assertThat(table.lines()).containsExactly("LEVEL    N", "WARNING  1", "ok       2");
    assertThat(table.lines(new Terminal(OptionalInt.empty(), Ansi.ON)))
        .containsExactly(
            "LEVEL    N", "\u001b[33mWARNING\u001b[0m  1", "\u001b[32mok\u001b[0m       2");
  }

  private static Terminal terminal(int columns) {
    return new Terminal(OptionalInt.of(columns), Ansi.OFF);
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
}
