package io.trimtab.adaptation.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeJsonTest {
  private static final Envelope ENVELOPE = SeenEnvelopes.numbered(4);

  @Test
  void whatWasWrittenIsRead() {
    Envelope read = EnvelopeJson.read(EnvelopeJson.write(ENVELOPE));
    assertThat(read).isEqualTo(ENVELOPE);
    assertThat(read.offTask().questions()).isEqualTo(2);
    assertThat(EnvelopeJson.read(EnvelopeJson.write(SeenEnvelopes.numbered(5))))
        .isNotEqualTo(ENVELOPE);
  }

  /** The order of an immutable map changes from one start of Java to the next. */
  @Test
  void classesAreWrittenInTheirOrder() {
    assertThat(EnvelopeJson.write(ENVELOPE))
        .asString(UTF_8)
        .containsSubsequence(
            "\"onTask\"",
            "\"NUMBERS\"",
            "\"YES_NO\"",
            "\"REFUSALS\"",
            "\"END\"",
            "\"offTask\"",
            "\"NUMBERS\"",
            "\"YES_NO\"",
            "\"REFUSALS\"",
            "\"END\"");
  }

  /** A later version may say more. */
  @Test
  void moreIsReadOver() {
    String text = new String(EnvelopeJson.write(ENVELOPE), UTF_8);
    assertThat(
            EnvelopeJson.read(
                text.replace("{\"scale\"", "{\"more\":[1],\"scale\"").getBytes(UTF_8)))
        .isEqualTo(ENVELOPE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "{}", "not JSON", "{\"scale\":1}"})
  void anythingElseIsNone(String text) {
    requireNone(text.getBytes(UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"questions\":1 | \"questions\":null",
        "\"questions\":1, | ''",
        "\"NUMBERS\" | \"NOBODYS\"",
        "\"scale\":1.0 | \"scale\":\"much\"",
        "\"deviation\" | \"deviations\""
      })
  void lessIsNone(String text, String other) {
    String whole = new String(EnvelopeJson.write(ENVELOPE), UTF_8);
    assertThat(whole).contains(text);
    requireNone(whole.replace(text, other).getBytes(UTF_8));
  }

  @Test
  void noBeginningIsReadForTheWhole() {
    byte[] whole = EnvelopeJson.write(ENVELOPE);
    for (int length = 0; length < whole.length; length += 7) {
      requireNone(Arrays.copyOf(whole, length));
    }
  }

  private static void requireNone(byte[] json) {
    assertThatThrownBy(() -> EnvelopeJson.read(json))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            reason -> assertThat(reason.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageContaining("Expected the envelope of a revision");
  }
}
