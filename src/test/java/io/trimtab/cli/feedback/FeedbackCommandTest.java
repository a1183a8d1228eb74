package io.trimtab.cli.feedback;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.cli.PrintedCommand;
import io.trimtab.serving.RunningLoop;
import io.trimtab.testing.DrawnPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command of {@code feedback}, against a running server. */
final class FeedbackCommandTest {
  @TempDir private Path folder;

  private RunningLoop server;
  private PrintedCommand feedback;

  @BeforeEach
  void start() throws IOException {
    server = RunningLoop.start(folder.resolve("store"));
    feedback = PrintedCommand.group("feedback", server.address());
    Files.write(folder.resolve("wren.png"), DrawnPictures.png(1).encoded());
    Files.write(folder.resolve("tit.png"), DrawnPictures.png(2).encoded());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void oneCorrectionIsSentAndSaysWhereItLies() throws Exception {
    assertThat(send("--id", "f1", "--correction", "wren", "--answer", "tit", "--tag", "x"))
        .isZero();
    assertThat(feedback.printed()).isEqualTo("Feedback f1 is at partition 0, offset 0");
    JsonNode receipt =
        feedback.json(
            "send", "birds", "--image", wren(), "--question", "What?", "--rating", "-0.5");
    assertThat(receipt.get("feedback_id").asText()).hasSize(36);
    assertThat(receipt.get("offset").asText()).isEqualTo("1");
    assertThat(feedback.errorsSoFar()).isEmpty();
  }

  @Test
  void whatIsNoCorrectionIsOneLine() {
    assertThat(feedback.run("send", "birds", "--image", wren(), "--question", "What?"))
        .isEqualTo(2);
    assertThat(feedback.errors()).contains("Expected --correction or --rating, or --file");
    assertThat(feedback.run("send", "birds", "--image", "none.png", "--correction", "wren"))
        .isEqualTo(1);
    assertThat(feedback.errors()).startsWith("trimtab: There is no picture ").hasLineCount(1);
    assertThat(send("--correction", "x".repeat(10_001))).isEqualTo(1);
    assertThat(feedback.errors())
        .startsWith("trimtab: correction has 10001 characters")
        .hasLineCount(1);
    assertThat(send("--correction", "wren", "--prediction", "p1")).isEqualTo(1);
    assertThat(feedback.errors()).contains("Both came");
    assertThat(feedback.run("send", "birds", "--correction", "wren", "--prediction", "p\u00e91"))
        .isEqualTo(1);
    assertThat(feedback.errors()).contains("prediction_id is");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\u0007c", "caf\u00e9", "a\nb", "../x", ""})
  void aTenantThatIsNoneIsRefusedAndNotTakenForTheDefault(String tenant) {
    assertThat(send("--correction", "wren", "--tenant", tenant)).isEqualTo(1);
    assertThat(feedback.errors()).contains("tenant is '", "expected [a-z0-9]").hasLineCount(1);
    assertThat(server.bench().registry().list("default")).isEmpty();
  }

  @Test
  void aBrokerThatIsAwayIsSaid() {
    server.log().goAway();
    assertThat(send("--correction", "wren")).isEqualTo(1);
    assertThat(feedback.errors()).isEqualTo("trimtab: The broker can't be reached");
    assertThat(feedback.run("status")).isZero();
  }

  @Test
  void aFileOfCorrectionsIsSentWholeBadOnesAmongThem() throws IOException {
    Path file =
        lines(
            "{\"id\":\"f1\",\"image\":\"wren.png\",\"question\":\"What?\",\"correction\":\"wren\"}",
            "",
            "{\"id\":\"f2\",\"image\":\"tit.png\",\"question\":\"What?\"}",
            "{\"id\":\"f3\",\"adapter\":\"own\",\"image\":\"tit.png\",\"rating\":1,\"tags\":[\"x\"]}");
    assertThat(feedback.run("send", "birds", "--file", file.toString())).isEqualTo(1);
    assertThat(feedback.printed()).isEqualTo("2 accepted, 1 refused");
    assertThat(feedback.errors()).startsWith("message 2 (f2): Neither a correction nor a rating");
    assertThat(feedback.run("status")).isZero();
    assertThat(feedback.printed().lines())
        .containsExactly(
            "ADAPTER  EXAMPLES  NEW  MISSING  DEAD LETTERS  NOT READ",
            "birds           1    1       31             0         0",
            "own             1    0       32             0         0");
  }

  @Test
  void aLineThatIsNoObjectSaysItsNumber() throws IOException {
    Path file = lines("", "{\"hue\":1}");
    assertThat(feedback.run("send", "birds", "--file", file.toString())).isEqualTo(1);
    assertThat(feedback.errors())
        .startsWith("trimtab: Line 2 is no correction, expected")
        .hasLineCount(1);
    assertThat(feedback.run("send", "birds", "--file", "none.jsonl")).isEqualTo(1);
    assertThat(feedback.errors()).isEqualTo("trimtab: No such file or folder: none.jsonl");
  }

  @Test
  void examplesAreListedAndTakenBack() throws Exception {
    send("--id", "f1", "--correction", "wren", "--answer", "tit");
    feedback.printed();
    assertThat(feedback.run("list", "birds")).isZero();
    assertThat(feedback.printed().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("ID  STATE   RECEIVED"),
            line -> assertThat(line).matches("f1  usable  20\\S+Z +What is it\\?  tit +wren"));
    assertThat(feedback.run("retract", "f1", "--reason", "a slip")).isZero();
    assertThat(feedback.printed()).isEqualTo("f1 is retracted");
    JsonNode example = feedback.json("list", "birds");
    assertThat(example.get("state").asText()).isEqualTo("retracted");
    assertThat(example.get("detail").asText()).isEqualTo("a slip");
    assertThat(feedback.run("retract", "f9")).isEqualTo(1);
    assertThat(feedback.errors()).contains("There is no example of feedback 'f9'");
    assertThat(feedback.run("list", "birds", "--tenant", "other")).isZero();
    assertThat(feedback.printed().lines()).hasSize(1);
  }

  @Test
  void whatIsExportedCanBeSentAgain() {
    send("--id", "f1", "--correction", "wren \u00e9", "--answer", "tit", "--tag", "a");
    send("--id", "f2", "--rating", "-1");
    send("--id", "f3", "--correction", "oops");
    assertThat(feedback.run("retract", "f3")).isZero();
    feedback.printed();
    Path target = folder.resolve("exported");
    Path file = target.resolve("feedback.jsonl");
    assertThat(feedback.run("export", "birds", target.toString())).isZero();
    assertThat(feedback.printed()).isEqualTo("2 examples are in " + file);
    assertThat(feedback.run("export", "birds", target.toString())).isEqualTo(1);
    assertThat(feedback.errors()).contains("is there already, expected a new folder");
    assertThat(feedback.run("send", "--file", file.toString(), "--tenant", "other")).isZero();
    assertThat(feedback.printed()).isEqualTo("2 accepted, 0 refused");
    assertThat(feedback.run("list", "birds", "--tenant", "other")).isZero();
    assertThat(feedback.printed())
        .containsPattern("f1 .*What is it\\? +tit +wren \u00e9")
        .containsPattern("f2 ")
        .doesNotContain("f3");
    // The pictures are the same: told again, it is known.
    assertThat(server.log().redrive("other", 9).join()).isZero();
    assertThat(feedback.run("send", "--file", file.toString())).isZero();
    assertThat(server.log().redrive("default", 9).join()).isZero();
  }

  @Test
  void aConversationOfManyTurnsAndPicturesIsExportedWhole() throws Exception {
    String turns =
        "{'role':'system','parts':[{'text':'Answer in a word.'}]},"
            + "{'role':'user','parts':[{'text':'This,'},{'image':'wren.png'},"
            + "{'text':'or that?'},{'image':'tit.png'}]},"
            + "{'role':'assistant','parts':[{'text':'that'}]},"
            + "{'role':'user','parts':[{'image':'%s'},{'text':'And this?'}]}";
    String url =
        "data:image/png;base64,"
            + Base64.getEncoder().encodeToString(DrawnPictures.png(3).encoded());
    Path file =
        lines(
            "{'id':'long','messages':[%s],'answer':'tit','correction':'wren','rating':-0.1}"
                .formatted(turns.formatted(url))
                .replace('\'', '"'),
            "{'id':'two','messages':[{'role':'user','parts':[{'text':'Which?'},{'image':'tit.png'}]}],'rating':1}"
                .replace('\'', '"'));
    assertThat(feedback.run("send", "birds", "--file", file.toString()))
        .as(feedback.errors())
        .isZero();
    send("--id", "brief", "--correction", "wren");
    exported("birds", "default");
    Path exported = folder.resolve("birds-default").resolve("feedback.jsonl");
    assertThat(Files.readAllLines(exported))
        .filteredOn(line -> line.contains("brief"))
        .singleElement()
        .asString()
        .contains("\"question\":\"What is it?\"")
        .doesNotContain("messages");

    assertThat(feedback.run("send", "--file", exported.toString(), "--tenant", "other")).isZero();
    assertThat(examples("other")).isEqualTo(examples("default")).hasSize(3);
    // And told again to whom it came from, it is known.
    assertThat(feedback.run("send", "--file", exported.toString())).isZero();
    assertThat(server.log().redrive("default", 9).join()).isZero();
    assertThat(examples("default")).hasSize(3);
  }

  @Test
  void whatAPredictionWasCorrectedToIsExportedAsItStands() throws Exception {
    String prediction = server.predicted(DrawnPictures.png(5).encoded(), "What flies there?");
    assertThat(
            feedback.run(
                "send", "birds", "--prediction", prediction, "--id", "p1", "--correction", "tit"))
        .isZero();
    assertThat(
            feedback.run(
                "send", "birds", "--prediction", prediction, "--id", "p2", "--correction", "wren"))
        .isZero();
    exported("birds", "default");
    Path exported = folder.resolve("birds-default").resolve("feedback.jsonl");
    assertThat(Files.readString(exported)).contains("p2").doesNotContain("\"p1\"");
    assertThat(feedback.run("send", "--file", exported.toString())).isZero();
    assertThat(feedback.run("send", "--file", exported.toString(), "--tenant", "other")).isZero();
    assertThat(server.log().redrive("default", 9).join()).isZero();
    assertThat(feedback.run("list", "birds", "--tenant", "other")).isZero();
    assertThat(feedback.printed()).containsPattern("p2 +usable .*What flies there\\? +Blue +wren");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "'messages':[{'role':'user','parts':[{}]}] | Line 1: A part is expected to have either",
        "'messages':[{'role':'user','parts':[{'text':'a','image':'b'}]}] | Line 1: A part is",
        "'messages':[{'role':'user','parts':[null]}] | Line 1 is no correction",
        "'messages':[null] | Line 1 is no correction",
        "'messages':[],'question':'What?' | Line 1: messages came beside image or question",
        "'image':'none.png' | Line 1: There is no picture",
        "'image':'no\\u0000ne.png' | Line 1: There is no picture 'no?ne.png'",
        "'image':'data:image/png;base64,???' | Line 1: A picture is 'data:image/png;base64,???'",
        "'image':'data:image/png,x' | expected data:image/...;base64,"
      })
  void aConversationThatIsNoneSaysItsLine(String members, String reason) throws IOException {
    Path file = lines("{%s,'correction':'wren'}".formatted(members).replace('\'', '"'));
    assertThat(feedback.run("send", "birds", "--file", file.toString())).isEqualTo(1);
    assertThat(feedback.errors()).contains(reason).hasLineCount(1);
  }

  private void exported(String adapter, String tenant) {
    Path target = folder.resolve(adapter + "-" + tenant);
    assertThat(feedback.run("export", adapter, target.toString(), "--tenant", tenant))
        .as(feedback.errors())
        .isZero();
  }

  /**
   * All that an adapter's examples say but when and in which order they came, pictures by digest.
   */
  private List<String> examples(String tenant) throws IOException {
    feedback.printed();
    assertThat(feedback.run("list", "birds", "--json", "--tenant", tenant)).isZero();
    return feedback
        .printed()
        .lines()
        .map(line -> line.replaceAll("\"received\":\"[^\"]*\"", ""))
        .sorted()
        .toList();
  }

  @Test
  void deadLettersAreSentAgain() throws Exception {
    send("--id", "f1", "--correction", "wren");
    send("--id", "f1", "--correction", "of other contents");
    feedback.printed();
    assertThat(feedback.run("redrive")).isZero();
    assertThat(feedback.printed()).isEqualTo("1 dead letters are sent again");
    assertThat(feedback.json("redrive", "--max", "5").get("sent").asText()).isEqualTo("1");
    assertThat(feedback.run("redrive", "--max", "-1")).isEqualTo(1);
    assertThat(feedback.errors()).contains("max is");
  }

  private int send(String... options) {
    return feedback.run(
        Stream.concat(
                Stream.of("send", "birds", "--image", wren(), "--question", "What is it?"),
                Stream.of(options))
            .toArray(String[]::new));
  }

  private String wren() {
    return folder.resolve("wren.png").toString();
  }

  private Path lines(String... lines) throws IOException {
    return Files.write(folder.resolve("corrections.jsonl"), List.of(lines));
  }
}
