package io.trimtab.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

final class TerminalTest {
  private static final OptionalInt PIPE = OptionalInt.empty();
  private static final OptionalInt WINDOW = OptionalInt.of(120);

  @Test
  void aPipeHasNoWidthWhateverTheEnvironmentSays() {
    assertThat(Terminal.columns(PIPE, Map.of("COLUMNS", "80"))).isEmpty();
  }

  @Test
  void theEnvironmentGoesBeforeTheWindow() {
    assertThat(Terminal.columns(WINDOW, Map.of())).hasValue(120);
    assertThat(Terminal.columns(WINDOW, Map.of("COLUMNS", "80"))).hasValue(80);
    for (String nonsense : new String[] {"", "0", "-1", "wide", "99999999999"}) {
      assertThat(Terminal.columns(WINDOW, Map.of("COLUMNS", nonsense))).hasValue(120);
    }
  }

  @Test
  void nothingIsLaidOutNarrowerThanCanBeRead() {
    assertThat(Terminal.columns(OptionalInt.of(3), Map.of())).hasValue(40);
    assertThat(Terminal.columns(OptionalInt.of(65_535), Map.of())).hasValue(1000);
  }

  @Test
  void coloursAreForThoseWhoTakeThem() {
    assertThat(new Terminal(WINDOW, Ansi.ON).painted("DRIFT", Tone.BAD))
        .isEqualTo("\u001b[31mDRIFT\u001b[0m");
    assertThat(new Terminal(WINDOW, Ansi.ON).painted("-", Tone.PLAIN)).isEqualTo("-");
    assertThat(new Terminal(WINDOW, Ansi.OFF).painted("DRIFT", Tone.BAD)).isEqualTo("DRIFT");
  }
}
