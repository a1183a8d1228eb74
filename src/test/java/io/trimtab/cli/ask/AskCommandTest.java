package io.trimtab.cli.ask;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.cli.PrintedCommand;
import io.trimtab.cli.local.LocalModel;
import io.trimtab.cli.local.OpenedGenerator;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.serving.RunningServer;
import io.trimtab.serving.inference.RemoteGenerator;
import io.trimtab.testing.FakeEngine;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class AskCommandTest {
  private final FakeEngine engine = FakeEngine.answering("Blue", " wing");
  private final List<LocalModel> opened = new ArrayList<>();
  private final AtomicInteger released = new AtomicInteger();
  private final PrintedCommand ask = PrintedCommand.of(this::line);
  private String input = "";

  @TempDir private Path folder;

  @Test
  void questionIsAnsweredInProcess() throws Exception {
    Path picture = Files.write(folder.resolve("bird.png"), new byte[] {1, 2, 3});
    int exit =
        ask.run(
            "--image",
            picture.toString(),
            "--model",
            "m",
            "--data",
            "d",
            "--adapter",
            "birds@2",
            "--tenant",
            "acme",
            "--system",
            "Be brief.",
            "What color?");

    assertThat(exit).isZero();
    assertThat(ask.printedSoFar()).isEqualTo("Blue wing" + System.lineSeparator());
    assertThat(ask.errorsSoFar()).isEmpty();
    assertThat(opened).containsExactly(new LocalModel("m", null, null, Path.of("d")));
    assertThat(released).hasValue(1);
    GenerationRequest request = engine.next().request();
    assertThat(request.tenant()).isEqualTo("acme");
    assertThat(request.adapter()).isEqualTo("birds@2");
    assertThat(request.requestId()).isNotEmpty();
    assertThat(request.sampling()).isEqualTo(SamplingParameters.greedy(0));
    assertThat(request.messages())
        .containsExactly(
            said(Role.SYSTEM, "Be brief."),
            new ChatMessage(
                Role.USER,
                List.of(
                    new PicturePart(Picture.of(new byte[] {1, 2, 3})),
                    new TextPart("What color?"))));
  }

  @Test
  void samplingOptionsArrive() throws Exception {
    ask.run(
        "--max-tokens",
        "7",
        "--temperature",
        "0.5",
        "--top-p",
        "0.9",
        "--seed",
        "18446744073709551615",
        "--stop",
        "a",
        "--stop",
        "b",
        "What?");

    SamplingParameters sampling = engine.next().request().sampling();
    assertThat(sampling.maxTokens()).isEqualTo(7);
    assertThat(sampling.temperature()).isEqualTo(0.5f);
    assertThat(sampling.topP()).isEqualTo(0.9f);
    assertThat(sampling.seed()).isEqualTo(OptionalLong.of(-1));
    assertThat(sampling.stop()).containsExactly("a", "b");
  }

  @Test
  void serverGivesTheSameAnswerToTheSameTenant() throws Exception {
    try (RunningServer server = RunningServer.start(engine)) {
      int exit = ask.run("--server", server.address(), "--tenant", "acme", "-v", "What color?");

      assertThat(exit).isZero();
      assertThat(ask.printedSoFar()).isEqualTo("Blue wing" + System.lineSeparator());
      assertThat(ask.errorsSoFar())
          .contains("prompt 12 tokens (9 of pictures, 3 cached)", "by fake");
      assertThat(engine.next().request().tenant()).isEqualTo("acme");
      assertThat(opened).isEmpty();
      assertThat(released).hasValue(1);
    }
  }

  @Test
  void serversRefusalIsTheErrorLine() throws Exception {
    engine.script(
        (_, listener) ->
            listener.failed(new TrimtabException(ErrorCode.NOT_FOUND, "No adapter birds")));
    try (RunningServer server = RunningServer.start(engine)) {
      assertThat(ask.run("--server", server.address(), "--adapter", "birds", "What?")).isEqualTo(1);
      assertThat(ask.errorsSoFar()).isEqualTo("No adapter birds" + System.lineSeparator());
    }
  }

  @Test
  void absentServerIsSaidWithWhatToDo() throws Exception {
    String address;
    try (RunningServer server = RunningServer.start(engine)) {
      address = server.address();
    }
    assertThat(ask.run("--server", address, "What?")).isEqualTo(1);
    assertThat(ask.errorsSoFar())
        .startsWith("No server answers at " + address)
        .contains("trimtab up");
  }

  @Test
  void jsonIsOneObject() throws Exception {
    assertThat(ask.run("--json", "What color?")).isZero();

    JsonNode json = new ObjectMapper().readTree(ask.printedSoFar());
    assertThat(json.get("text").asText()).isEqualTo("Blue wing");
    assertThat(json.get("reason").asText()).isEqualTo("stop");
    assertThat(json.at("/usage/prompt_tokens").asInt()).isEqualTo(12);
    assertThat(json.at("/timings/decode_us").asLong()).isEqualTo(5);
    assertThat(json.at("/served_by/adapter").asText()).isEqualTo("base");
  }

  @Test
  void chatRemembersWhatWasSaidAndResets() throws Exception {
    Path picture = Files.write(folder.resolve("bird.png"), new byte[] {1});
    input = "/image %s\nFirst?\n\n  Second?\n/reset\nThird?\n/quit\nNever?\n".formatted(picture);
    assertThat(ask.run("--system", "S")).isZero();

    assertThat(engine.next().request().messages()).hasSize(2);
    List<ChatMessage> second = engine.next().request().messages();
    assertThat(second).hasSize(4);
    assertThat(second.get(1).parts()).hasSize(2);
    assertThat(second.get(2)).isEqualTo(said(Role.ASSISTANT, "Blue wing"));
    assertThat(second.get(3)).isEqualTo(said(Role.USER, "Second?"));
    assertThat(engine.next().request().messages())
        .containsExactly(said(Role.SYSTEM, "S"), said(Role.USER, "Third?"));
    assertThat(ask.printedSoFar().lines()).hasSize(3);
  }

  @Test
  void failedQuestionLeavesTheChatAsItWas() throws Exception {
    engine.script(
        (request, listener) -> {
          if (request.messages().getLast().equals(said(Role.USER, "Bad?"))) {
            listener.started(FakeEngine.SERVED_BY);
            listener.delta("half", List.of());
            listener.failed(new TrimtabException(ErrorCode.UNAVAILABLE, "stopping"));
          } else {
            FakeEngine.answering("fine").generate(request, listener);
          }
        });
    input = "Bad?\n/nonsense\n/image nowhere.png\nGood?\n";

    assertThat(ask.run()).isEqualTo(1);
    assertThat(ask.printedSoFar().lines()).containsExactly("half", "fine");
    assertThat(ask.errorsSoFar().lines())
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("trimtab: stopping"),
            line -> assertThat(line).contains("/nonsense is no command; there are /image"),
            line -> assertThat(line).contains("There is no picture nowhere.png"));
    engine.next();
    assertThat(engine.next().request().messages()).containsExactly(said(Role.USER, "Good?"));
  }

  @Test
  void commandLineThatMakesNoSenseOpensNothing() throws IOException {
    assertThat(ask.run("--temperature", "-1", "What?")).isEqualTo(2);
    assertThat(ask.run("--seed", "-1", "What?")).isEqualTo(2);
    assertThat(ask.run("--server", "localhost:1", "--model", "m", "What?")).isEqualTo(2);
    assertThat(ask.run("--image", "nowhere.png", "What?")).isEqualTo(1);
    assertThat(ask.run("--server", "localhost:http", "What?")).isEqualTo(1);
    assertThat(ask.errorsSoFar())
        .contains("temperature is -1.0", "'-1' is not a whole number", "or --server")
        .contains("There is no picture nowhere.png", "'localhost:http', expected HOST:PORT");
    assertThat(opened).isEmpty();
    assertThat(released).hasValue(0);
  }

  /** No header carries it, and without one the call would be the default tenant's. */
  @Test
  void aTenantThatNoHeaderCarriesIsRefusedBeforeTheServerIsAsked() {
    assertThat(ask.run("--server", "localhost:1", "--tenant", "a\u0007b", "What?")).isEqualTo(1);
    assertThat(ask.errorsSoFar()).contains("x-tenant is 'a?b', expected [a-z0-9]");
  }

  private CommandLine line() {
    return new CommandLine(
            new AskCommand(
                model -> {
                  opened.add(model);
                  return new OpenedGenerator(engine, released::incrementAndGet);
                },
                server -> {
                  RemoteGenerator generator = RemoteGenerator.connect(server);
                  return new OpenedGenerator(
                      generator,
                      () -> {
                        generator.close();
                        released.incrementAndGet();
                      });
                },
                new StringReader(input)))
        .setExecutionExceptionHandler(
            (failure, command, _) -> {
              command.getErr().println(failure.getMessage());
              return 1;
            });
  }

  private static ChatMessage said(Role role, String text) {
    return new ChatMessage(role, List.of(new TextPart(text)));
  }
}
