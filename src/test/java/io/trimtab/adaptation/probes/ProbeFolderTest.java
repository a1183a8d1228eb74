package io.trimtab.adaptation.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProbeFolderTest {
  private static final String LINE =
      "{\"task\": \"color\", \"picture\": \"a.png\", \"question\": \"%s\", \"use\": \"%s\"}";

  @TempDir private Path folder;

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Picture a = Picture.of(new byte[] {1});
    Picture b = Picture.of(new byte[] {2});
    ProbeSet written =
        ProbeFolder.write(
            folder.resolve("new"),
            List.of(
                line("a.png", "What \"color\"?\n", Optional.of("blue"), ProbeUse.PROBE),
                line("more/b.png", "What color?", Optional.empty(), ProbeUse.REHEARSAL)),
            Map.of("a.png", a, "more/b.png", b));

    assertThat(ProbeFolder.read(folder.resolve("new"))).isEqualTo(written);
    assertThat(written.probes())
        .singleElement()
        .satisfies(
            probe -> {
              assertThat(probe.id()).matches("[0-9a-f]{32}");
              assertThat(probe.task()).isEqualTo("color");
              assertThat(probe.answer()).contains("blue");
              assertThat(probe.messages())
                  .containsExactly(
                      new ChatMessage(
                          Role.USER,
                          List.of(new PicturePart(a), new TextPart("What \"color\"?\n"))));
            });
    assertThat(written.rehearsal()).hasSize(1);
    assertThat(written.rehearsal().getFirst().answer()).isEmpty();
  }

  @Test
  void withoutAUseThePictureDecidesAndBothUsesOccur() throws IOException {
    List<ProbeLine> lines = new ArrayList<>();
    Map<String, Picture> pictures = new HashMap<>();
    for (int i = 0; i < 64; i++) {
      pictures.put(i + ".png", Picture.of(new byte[] {(byte) i}));
      lines.add(new ProbeLine("a", i + ".png", "One?", Optional.empty(), Optional.empty()));
      lines.add(new ProbeLine("b", i + ".png", "Two?", Optional.empty(), Optional.empty()));
    }
    ProbeFolder.write(folder, lines, pictures);

    ProbeSet set = ProbeFolder.read(folder);
    Set<Picture> probes = pictures(set.probes());
    Set<Picture> rehearsal = pictures(set.rehearsal());
    assertThat(probes).doesNotContainAnyElementsOf(rehearsal);
    assertThat(probes.size() + rehearsal.size()).isEqualTo(64);
    assertThat(probes.size()).isBetween(16, 48);
    assertThat(set.probes()).hasSize(2 * probes.size());
  }

  @Test
  void aLineWithoutAUseFollowsTheOthersAboutItsPicture() throws IOException {
    for (String use : List.of("probe", "rehearsal")) {
      picture("a.png", 1);
      lines(LINE.replace(", \"use\": \"%s\"", "").formatted("One?"), LINE.formatted("Two?", use));
      ProbeSet set = ProbeFolder.read(folder);
      assertThat(use.equals("probe") ? set.probes() : set.rehearsal()).hasSize(2);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "not json | expected a JSON object, got what is not JSON",
        "[] | expected a JSON object, got ARRAY",
        "{\"anwser\": \"x\"} | unknown field 'anwser', expected task, picture, question, answer",
        "{\"task\": \"color\"} | picture is missing",
        "{\"task\": 1} | task is 1, expected text",
        "{\"task\": \"c\", \"picture\": \"a.png\", \"question\": \" \"} | question is blank",
        "{\"task\": \"c\", \"picture\": \"b.png\", \"question\": \"q\"} | no picture 'b.png'",
        "{\"task\": \"c\", \"picture\": \"../b\", \"question\": \"q\"} | picture is '../b', expected",
        "{\"task\": \"c\", \"picture\": \"/b\", \"question\": \"q\"} | picture is '/b', expected",
        "{\"task\": \"c\", \"picture\": \"a.png\", \"question\": \"q\", \"use\": \"x\"} | use is 'x'",
        "{\"task\": \"c\", \"picture\": \"e.png\", \"question\": \"q\"} | 'e.png' has 0 bytes",
        "{\"task\": \"c\", \"picture\": \"a.png\", \"question\": \"One?\"} | of line 1 about the same",
        "{\"task\": \"c\", \"picture\": \"copy.png\", \"question\": \"One?\"} | of line 1 about the same",
        "{\"task\": \"c\", \"picture\": \"a.png\", \"question\": \"q\", \"use\": \"rehearsal\"} |"
            + " expected 'probe' as in line 1",
      })
  void aBadLineIsNamedWithWhatWasExpected(String bad, String message) throws IOException {
    picture("a.png", 1);
    picture("copy.png", 1);
    Files.createFile(folder.resolve("e.png"));
    lines(LINE.formatted("One?", "probe"), bad);
    assertRefused("probes.jsonl line 2: ", message);
  }

  @Test
  void aFolderWithoutQuestionsIsRefused() throws IOException {
    assertRefused("Expected a folder of pictures with probes.jsonl");
    lines();
    assertRefused("is empty");
    Files.write(folder.resolve(ProbeFolder.FILE), new byte[] {(byte) 0xff});
    assertRefused("is not text in UTF-8");
  }

  @Test
  void aLinkDoesNotLeadOutOfTheFolder() throws IOException {
    Path inside = Files.createDirectory(folder.resolve("inside"));
    Files.write(folder.resolve("secret"), new byte[] {1});
    Files.createSymbolicLink(inside.resolve("a.png"), folder.resolve("secret"));
    Files.writeString(inside.resolve(ProbeFolder.FILE), LINE.formatted("One?", "probe"));
    assertThatThrownBy(() -> ProbeFolder.read(inside)).hasMessageContaining("leads out");
  }

  @Test
  void limitsHold() throws IOException {
    Files.write(folder.resolve("a.png"), new byte[100]);
    lines(LINE.formatted("One?", "probe"), LINE.formatted("Two?", "probe"));
    assertThat(ProbeFolder.read(folder, new ProbeLimits(2, 100, 1000)).probes()).hasSize(2);
    assertThatThrownBy(() -> ProbeFolder.read(folder, new ProbeLimits(1, 100, 1000)))
        .hasMessageContaining("has 2 lines, expected 1 at most");
    assertThatThrownBy(() -> ProbeFolder.read(folder, new ProbeLimits(2, 99, 1000)))
        .hasMessageContaining("'a.png' has 100 bytes, expected 1 to 99");
    assertThatThrownBy(() -> ProbeFolder.read(folder, new ProbeLimits(2, 100, 99)))
        .hasMessageContaining("expected 99 at most");
  }

  @Test
  void writingLeavesAnotherPictureOfTheNameAlone() throws IOException {
    picture("a.png", 1);
    ProbeLine line = line("a.png", "One?", Optional.empty(), ProbeUse.PROBE);
    assertThatThrownBy(
            () ->
                ProbeFolder.write(
                    folder, List.of(line), Map.of("a.png", Picture.of(new byte[] {2}))))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION));
    assertThat(folder.resolve("a.png")).hasBinaryContent(new byte[] {1});

    ProbeFolder.write(folder, List.of(line), Map.of("a.png", Picture.of(new byte[] {1})));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("a.png", ProbeFolder.FILE);
    }
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(() -> ProbeFolder.read(folder))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContainingAll(parts);
  }

  private static ProbeLine line(
      String picture, String question, Optional<String> answer, ProbeUse use) {
    return new ProbeLine("color", picture, question, answer, Optional.of(use));
  }

  private static Set<Picture> pictures(List<Probe> probes) {
    Set<Picture> pictures = new HashSet<>();
    probes.forEach(probe -> probe.messages().getFirst().pictures().forEach(pictures::add));
    return pictures;
  }

  private void picture(String name, int contents) throws IOException {
    Files.write(folder.resolve(name), new byte[] {(byte) contents});
  }

  private void lines(String... lines) throws IOException {
    Files.write(folder.resolve(ProbeFolder.FILE), List.of(lines));
  }
}
