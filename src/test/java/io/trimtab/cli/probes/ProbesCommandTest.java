package io.trimtab.cli.probes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.adaptation.probes.ProbeFolder;
import io.trimtab.adaptation.probes.ProbeSet;
import io.trimtab.cli.Failures;
import io.trimtab.cli.PrintedCommand;
import io.trimtab.cli.TrimtabCommand;
import io.trimtab.cli.local.LocalModel;
import io.trimtab.cli.local.OpenedGenerator;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.testing.FakeEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ProbesCommandTest {
  private final FakeEngine engine = FakeEngine.answering(" A ", "bird.\n");
  private final List<LocalModel> opened = new ArrayList<>();
  private final AtomicInteger released = new AtomicInteger();
  private final PrintedCommand probes = PrintedCommand.of(this::line);

  @TempDir private Path folder;

  @Test
  void baseIsAskedEveryQuestionAboutEveryPicture() throws Exception {
    picture("b.PNG", 2);
    picture("a.jpg", 1);
    picture("copy-of-a.jpg", 1);
    picture(".hidden.png", 3);
    questions("What is it?", "", "  ¿? ", "What is it?");
    Path output = folder.resolve("made");

    assertThat(probes.run("make", folder.toString(), "--output", output.toString(), "--model", "m"))
        .isZero();
    assertThat(opened).containsExactly(new LocalModel("m", null, null, null));
    assertThat(released).hasValue(1);
    Set<Object> asked = new HashSet<>();
    for (int i = 0; i < 4; i++) {
      GenerationRequest request = engine.next().request();
      assertThat(request.adapter()).isEqualTo("base");
      assertThat(request.sampling()).isEqualTo(SamplingParameters.greedy(64));
      asked.add(request.messages());
    }
    assertThat(asked).hasSize(4);
    assertThat(Files.readAllLines(output.resolve(ProbeFolder.FILE)))
        .hasSize(4)
        .startsWith(
            "{\"task\":\"q1-what-is-it\",\"picture\":\"a.jpg\",\"question\":\"What is it?\","
                + "\"answer\":\"A bird.\"}",
            "{\"task\":\"q2\",\"picture\":\"a.jpg\",\"question\":\"¿?\",\"answer\":\"A bird.\"}");
    ProbeSet set = ProbeFolder.read(output);
    assertThat(set.probes().size() + set.rehearsal().size()).isEqualTo(4);
    assertThat(probes.printedSoFar()).startsWith(output + ": ").contains("of 2 pictures");
    assertThat(probes.errorsSoFar()).contains("the gate asks for 100");
  }

  @Test
  void picturesAloneAreAskedGeneralQuestionsAndStayWhereTheyAre() throws Exception {
    picture("a.png", 1);
    assertThat(probes.run("make", folder.toString(), "--json", "--max-tokens", "5")).isZero();

    assertThat(engine.next().request().sampling()).isEqualTo(SamplingParameters.greedy(5));
    JsonNode summary = new ObjectMapper().readTree(probes.printedSoFar());
    assertThat(summary.path("pictures").asInt()).isEqualTo(1);
    assertThat(summary.path("questions").asInt()).isGreaterThan(2);
    assertThat(summary.path("probes").asInt() + summary.path("rehearsal").asInt())
        .isEqualTo(summary.path("questions").asInt());
    assertThat(folder.resolve("a.png")).hasBinaryContent(new byte[] {1});
  }

  @Test
  void anAnswerThatWasCutIsNotTheRightOne() throws Exception {
    picture("a.png", 1);
    questions("What is it?");
    engine.script(
        (_, listener) -> {
          listener.started(FakeEngine.SERVED_BY);
          listener.finished(
              new Completion(
                  Completion.FinishReason.LENGTH,
                  "A bird on a",
                  FakeEngine.USAGE,
                  FakeEngine.TIMINGS));
        });
    assertThat(probes.run("make", folder.toString())).isZero();
    assertThat(folder.resolve(ProbeFolder.FILE))
        .content()
        .contains("What is it?")
        .doesNotContain("answer");
  }

  @Test
  void whatWasMadeIsReplacedByForceAlone() throws Exception {
    picture("a.png", 1);
    assertThat(probes.run("make", folder.toString())).isZero();
    byte[] made = Files.readAllBytes(folder.resolve(ProbeFolder.FILE));
    questions("Other?");

    assertThat(probes.run("make", folder.toString())).isEqualTo(1);
    assertThat(probes.errorsSoFar()).contains("is there already").contains("--force");
    assertThat(folder.resolve(ProbeFolder.FILE)).hasBinaryContent(made);
    assertThat(opened).hasSize(1);

    assertThat(probes.run("make", folder.toString(), "--force")).isZero();
    assertThat(Files.readString(folder.resolve(ProbeFolder.FILE))).contains("Other?");
  }

  @Test
  void aPictureThatCannotBeAnsweredIsNamedAndNothingIsWritten() throws Exception {
    picture("broken.png", 1);
    engine.script(
        (_, listener) ->
            listener.failed(new TrimtabException(ErrorCode.INVALID_ARGUMENT, "not a picture")));

    assertThat(probes.run("make", folder.toString())).isEqualTo(1);
    assertThat(probes.errorsSoFar()).contains("broken.png: not a picture");
    assertThat(folder.resolve(ProbeFolder.FILE)).doesNotExist();
    assertThat(released).hasValue(1);
  }

  @Test
  void aFolderWithoutPicturesOrQuestionsOpensNoModel() throws Exception {
    assertThat(probes.run("make", folder.toString())).isEqualTo(1);
    picture("a.png", 1);
    questions("");
    assertThat(probes.run("make", folder.toString())).isEqualTo(1);
    assertThat(probes.errorsSoFar()).contains("There is no PNG").contains("has no question");
    assertThat(opened).isEmpty();
  }

  @Test
  void checkCountsTasksByUse() throws Exception {
    picture("a.png", 1);
    picture("b.png", 2);
    Files.writeString(
        folder.resolve(ProbeFolder.FILE),
        """
        {"task":"color","picture":"a.png","question":"1?","answer":"x","use":"probe"}
        {"task":"color","picture":"a.png","question":"2?"}
        {"task":"color","picture":"b.png","question":"1?","use":"rehearsal"}
        {"task":"clock","picture":"b.png","question":"2?"}
        """);
    assertThat(probes.run("check", folder.toString())).isZero();
    assertThat(probes.printedSoFar().lines())
        .containsExactly(
            "TASK   PROBES  WITH ANSWER  REHEARSAL",
            "clock       0            0          1",
            "color       2            1          1",
            "(all)       2            1          2");
  }

  @Test
  void checkSaysWhatIsUnsound() throws Exception {
    Files.writeString(folder.resolve(ProbeFolder.FILE), "{\"tsk\": \"color\"}\n");
    assertThat(probes.run("check", folder.toString())).isEqualTo(1);
    assertThat(probes.errorsSoFar()).contains("probes.jsonl line 1: unknown field 'tsk'");
    assertThat(probes.printedSoFar()).isEmpty();
  }

  private void picture(String name, int contents) throws IOException {
    Files.write(folder.resolve(name), new byte[] {(byte) contents});
  }

  private void questions(String... lines) throws IOException {
    Files.write(folder.resolve("questions.txt"), List.of(lines));
  }

  private CommandLine line() {
    return ProbesCommand.line(
            model -> {
              opened.add(model);
              return new OpenedGenerator(engine, released::incrementAndGet);
            })
        .setExecutionExceptionHandler(
            (failure, command, _) -> Failures.failed(failure, command, TrimtabCommand.Detail.LINE));
  }
}
