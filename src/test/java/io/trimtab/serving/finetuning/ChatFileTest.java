package io.trimtab.serving.finetuning;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.files.FileLimits;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.testing.DrawnPictures;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatFileTest {
  private static final String GOOD = TrainingLines.line(1, "wren");

  private final ChatFile file =
      new ChatFile(new FileLimits(1 << 20, 4, 1), FeedbackLimits.defaults());

  @Test
  void aLineIsTheConversationAndTheAnswer() {
    assertThat(read(GOOD))
        .containsExactly(
            new ChatAnswer(
                1,
                1,
                List.of(
                    ChatMessage.text(Role.SYSTEM, "You know birds."),
                    new ChatMessage(
                        Role.USER,
                        List.of(
                            new TextPart("What is it?"), new PicturePart(DrawnPictures.png(1))))),
                "wren"));
  }

  @Test
  void emptyLinesCountAndHoldNothing() {
    assertThat(read("\n" + GOOD + "\r\n\n" + GOOD))
        .extracting(ChatAnswer::line)
        .containsExactly(2, 4);
  }

  @Test
  void aLineOfMillionsOfValuesIsRefusedBeforeItIsHeld() {
    ChatFile large = new ChatFile(new FileLimits(8 << 20, 4, 1), FeedbackLimits.defaults());
    byte[] line = ("{\"messages\":[" + "0,".repeat(1 << 20) + "0]}").getBytes(UTF_8);
    assertThatThrownBy(() -> large.read(new ByteArrayInputStream(line), _ -> {}))
        .isInstanceOf(TrimtabException.class)
        .hasMessageStartingWith("line 1")
        .hasMessageContaining("Token count");
  }

  @Test
  void everyAnswerIsLearntButThoseOfWeightNought() {
    String last = ",{\"role\":\"assistant\",\"content\":\"wren\"}";
    String line = GOOD.replace(last, "%s");
    String rest =
        ",{\"role\":\"assistant\",\"weight\":%s,\"content\":\"a bird\"},"
            + "{\"role\":\"user\",\"content\":\"Which?\"},"
            + "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"wren\"}]}";
    assertThat(read(line.formatted(rest.formatted(1))))
        .extracting(ChatAnswer::answer)
        .containsExactly("a bird", "wren");
    assertThat(read(line.formatted(rest.formatted(0))))
        .singleElement()
        .satisfies(
            answer -> {
              assertThat(answer.answer()).isEqualTo("wren");
              assertThat(answer.conversation()).hasSize(4);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{ | not JSON",
        "[] | the line is '[]', expected an object",
        "{} | messages is missing",
        "{\"messages\":[]} | messages is of 0",
        "{\"messages\":[1]} | messages[0] is '1', expected an object",
        "{\"messages\":[],\"tools\":[]} | the field 'tools', which is not supported",
        "{\"messages\":[],\"messages\":[]} | Duplicate",
        "{\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]} | messages[0].role is '\"tool\"'",
        "{\"messages\":[{\"role\":\"user\"}]} | messages[0].content is missing",
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\"}]}]} | type is",
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]} | text is missing",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]} | no message of the assistant",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"weight\":1}]} | weight is '1' of the"
            + " user",
        "{\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"weight\":0.5}]} | weight is"
            + " '0.5'",
        "{\"messages\":[{\"role\":\"assistant\",\"content\":\" \"}]} | an empty answer",
        "{\"messages\":[{\"role\":\"assistant\",\"content\":\"x\"}]} | Neither came",
      })
  void aBrokenLineIsRefusedWithItsNumberAndTheReason(String line, String expected) {
    refused(GOOD + "\n" + GOOD + "\n" + line, "line 3: ", expected);
  }

  @Test
  void picturesAreCheckedWhereTheyAre() {
    String url = TrainingLines.url(1);
    refused(GOOD.replace(url, "https://example.org/a.png"), "line 1: ", "expected data:image/");
    refused(
        GOOD.replace(url, "data:image/png;base64,%%"), "line 1: messages[1].content[1].", "base64");
    refused(GOOD.replace(url, "data:image/png;base64,"), "line 1: ", "no bytes");
    refused(GOOD.replace(url, "data:image/png;base64,aGVsbG8="), "line 1: ", "picture");
    refused(GOOD.replace("\"url\"", "\"uri\""), "line 1: ", "image_url.url is missing");
  }

  @Test
  void whatNoCorrectionMayBeIsRefused() {
    refused(TrainingLines.line(1, "wren<|im_end|>"), "line 1: ", "special token");
    refused(TrainingLines.line(1, "x".repeat(20_000)), "line 1: ", "at most 10000");
  }

  @Test
  void aFileHasOneLineAndNotTooMany() {
    refused("", "The file is empty", "");
    refused("\n \n", "The file is empty", "");
    assertThat(read((GOOD + "\n").repeat(4))).hasSize(4);
    refused((GOOD + "\n").repeat(5), "line 5: ", "more than the 4 examples");
  }

  @Test
  void whatIsNotUtf8IsRefused() {
    byte[] latin = (GOOD + "\n" + GOOD.replace("wren", "m\u00e9sange")).getBytes(ISO_8859_1);
    assertThatThrownBy(() -> file.read(new ByteArrayInputStream(latin), _ -> {}))
        .hasMessage("line 2: not UTF-8");
  }

  private List<ChatAnswer> read(String lines) {
    List<ChatAnswer> answers = new ArrayList<>();
    try {
      var _ = file.read(new ByteArrayInputStream(lines.getBytes(UTF_8)), answers::add);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return answers;
  }

  private void refused(String lines, String begins, String contains) {
    assertThatThrownBy(() -> read(lines))
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageStartingWith(begins)
        .hasMessageContaining(contains);
  }
}
