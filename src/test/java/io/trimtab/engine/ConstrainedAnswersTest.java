package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.Completion.FinishReason;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.RecordingListener;
import io.trimtab.engine.api.ResponseFormat;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.SamplingParameters.EndTokens;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Answers of a given form, from real models; what is valid is said by a validator from elsewhere.
 */
class ConstrainedAnswersTest {
  static final List<String> CHECKPOINTS = SampleQuestion.CHECKPOINTS;

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final OpenedEngines ENGINES = new OpenedEngines(RotaryFrequencies.FLOAT32);
  private static final EngineOptions OPTIONS = OpenedEngines.options(8, 512);
  private static final int SEEDS = 8;

  private static final String BIRD =
      """
      {"type":"object","properties":{
        "species":{"type":"string","maxLength":12},
        "colors":{"type":"array","items":{"enum":["red","green","navy","größer"]},
                  "minItems":1,"maxItems":3},
        "count":{"type":"integer","minimum":1,"maximum":12},
        "confidence":{"type":"number","minimum":0,"maximum":1,"maxLength":4},
        "rare":{"type":"boolean"}},
       "required":["species","colors","count"],"additionalProperties":false}""";

  private static final List<String> SCHEMAS =
      List.of(
          BIRD,
          """
          {"anyOf":[
            {"type":"object","properties":{"kind":{"const":"circle"},"r":{"type":"integer"}},
             "required":["kind","r"],"additionalProperties":false},
            {"type":"object","properties":{"kind":{"const":"cross"},"w":{"type":["null","string"],
             "minLength":1,"maxLength":6}},"required":["kind","w"],"additionalProperties":false}]}""",
          """
          {"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","additionalProperties":false,
            "properties":{"name":{"enum":["left","right"]},
              "sub":{"type":"array","items":{"$ref":"#/$defs/tree"},"maxItems":2}},
            "required":["name"]}}}""",
          """
          {"type":"array","prefixItems":[{"type":"boolean"},{"type":"string","maxLength":5}],
           "items":{"type":"null"},"minItems":2,"maxItems":5}""",
          """
          {"enum":["yes","no",{"sure":[1,2.5,null]},3]}""",
          """
          {"type":"object","additionalProperties":{"type":"integer","minimum":-5,"maximum":5},
           "properties":{"größe":{"type":"string","maxLength":3}},"required":["größe"]}""");

  @AfterAll
  static void close() {
    ENGINES.close();
  }

  @ParameterizedTest
  @FieldSource("CHECKPOINTS")
  void whatEndsByItselfIsValid(String checkpoint) throws JsonProcessingException {
    int stopped = 0;
    for (String schema : SCHEMAS) {
      JsonSchema validator = validator(schema);
      List<RecordingListener> answers = new ArrayList<>();
      ResponseFormat format = new ResponseFormat.JsonSchema(schema);
      answers.add(ask(checkpoint, format, how(0, 0)));
      for (int seed = 0; seed < SEEDS; seed++) {
        answers.add(ask(checkpoint, format, how(2, seed)));
      }
      for (RecordingListener answer : answers) {
        Completion completion = answer.completion();
        if (completion.reason() == FinishReason.STOP) {
          stopped++;
          assertThat(validator.validate(JSON.readTree(completion.text())))
              .as("%s by %s", completion.text(), schema)
              .isEmpty();
        }
      }
    }
    // Most end: a list of small parts has no reason to be long, even at temperature 2.
    assertThat(stopped).isGreaterThan(SCHEMAS.size() * (SEEDS + 1) / 2);
  }

  @ParameterizedTest
  @FieldSource("CHECKPOINTS")
  void anyObjectIsAnObject(String checkpoint) throws JsonProcessingException {
    int stopped = 0;
    for (int seed = 0; seed < 16; seed++) {
      Completion completion =
          ask(checkpoint, new ResponseFormat.JsonObject(), how(1.2f, seed)).completion();
      assertThat(completion.text()).startsWith("{");
      if (completion.reason() == FinishReason.STOP) {
        stopped++;
        assertThat(JSON.readTree(completion.text()).isObject()).isTrue();
      }
    }
    assertThat(stopped).isPositive();
  }

  /** The end token is the last token, it was possible there alone, and nothing else was. */
  @Test
  void theEndComesWhenTheTextIsComplete() {
    ResponseFormat yesOrNo = new ResponseFormat.JsonSchema("{\"enum\":[\"yes\",\"no\"]}");
    for (int seed = 0; seed < SEEDS; seed++) {
      SamplingParameters ignoring = with(how(2, seed), 0, EndTokens.IGNORE, List.of(), 5);
      RecordingListener answer = ask("models/dinghy-llava", yesOrNo, ignoring);
      assertThat(answer.completion().reason()).isEqualTo(FinishReason.STOP);
      assertThat(answer.completion().text()).isIn("\"yes\"", "\"no\"");
      TokenLogprob end = answer.tokens().getLast();
      assertThat(end.top()).isNotEmpty().allMatch(top -> top.text().startsWith("<|"));
      assertThat(end.top().stream().mapToDouble(top -> Math.exp(top.logprob())).sum())
          .isCloseTo(1, within(1e-5));
    }
  }

  /** Among the tokens that could come: where they are few, all of them are there and sum to 1. */
  @Test
  void logprobsAreThoseOfWhatCouldCome() {
    ResponseFormat format = new ResponseFormat.JsonSchema("{\"type\":\"boolean\"}");
    SamplingParameters greedy = with(how(0, 0), 0, EndTokens.STOP, List.of(), 20);
    List<TokenLogprob> tokens = ask("models/dinghy-qwen", format, greedy).tokens();
    for (TokenLogprob token : tokens) {
      double sum = token.top().stream().mapToDouble(top -> Math.exp(top.logprob())).sum();
      // float32 log-probabilities: some units in the seventh place each.
      assertThat(sum).isCloseTo(1, within(1e-5));
      assertThat(token.top()).anyMatch(top -> top.token() == token.token());
    }
    assertThat(tokens.getFirst().top().getFirst().logprob()).isNotZero();
  }

  @Test
  void aStopTextCutsTheAnswer() {
    SamplingParameters stop = with(how(2, 1), 0, EndTokens.STOP, List.of("\"colors"), 0);
    Completion completion =
        ask("models/dinghy-llava", new ResponseFormat.JsonSchema(BIRD), stop).completion();
    assertThat(completion.reason()).isEqualTo(FinishReason.STOP);
    assertThat(completion.text()).startsWith("{").doesNotContain("colors");
  }

  /** A text that is complete ends, however many tokens there should have been. */
  @Test
  void minTokensDoNotKeepACompleteTextOpen() {
    ResponseFormat format = new ResponseFormat.JsonSchema("{\"const\":\"red\"}");
    SamplingParameters min = with(how(0, 0), 50, EndTokens.STOP, List.of(), 0);
    assertThat(ask("models/dinghy-llava", format, min).completion().text()).isEqualTo("\"red\"");
    ResponseFormat number = new ResponseFormat.JsonSchema("{\"type\":\"integer\"}");
    SamplingParameters longer = with(how(2, 3), 9, EndTokens.STOP, List.of(), 0);
    assertThat(ask("models/dinghy-llava", number, longer).tokens()).hasSizeGreaterThan(9);
  }

  @Test
  void aSeedGivesTheSameAnswerAndAKeptPrefixChangesNothing() {
    ResponseFormat format = new ResponseFormat.JsonSchema(BIRD);
    String first = ask("models/dinghy-qwen", format, how(2, 77)).completion().text();
    for (int again = 0; again < 3; again++) {
      assertThat(ask("models/dinghy-qwen", format, how(2, 77)).completion().text())
          .isEqualTo(first);
    }
  }

  /** They read whole rows, and the others read what they read before. */
  @ParameterizedTest
  @FieldSource("CHECKPOINTS")
  void neighboursSayWhatTheySaidAlone(String checkpoint) {
    Engine engine = ENGINES.get(checkpoint, OPTIONS);
    ResponseFormat format = new ResponseFormat.JsonSchema(BIRD);
    for (SampleQuestion sample : SampleQuestion.of(checkpoint)) {
      List<RecordingListener> constrained = new ArrayList<>();
      for (int seed = 0; seed < 5; seed++) {
        constrained.add(ask(checkpoint, format, how(2, seed)));
      }
      RecordingListener plain = sample.question().ask(engine);
      assertThat(plain.completion().text()).isEqualTo(sample.expected());
      constrained.forEach(RecordingListener::completion);
    }
  }

  @Test
  void whatCannotBeEnforcedIsRefused() {
    RecordingListener refused =
        ask(
            "models/dinghy-llava",
            new ResponseFormat.JsonSchema("{\"properties\":{\"a\":{\"pattern\":\"x\"}}}"),
            how(0, 0));
    assertThat(refused.failure().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refused.failure()).hasMessageContaining("'/properties/a/pattern' is not supported");
    assertThat(ask("models/dinghy-llava", ResponseFormat.TEXT, how(0, 0)).completion().reason())
        .isEqualTo(FinishReason.STOP);
  }

  /** Bias and penalties move what may come, and nothing else in. */
  @Test
  void biasAndPenaltiesStayWithinTheForm() throws JsonProcessingException {
    for (int seed = 0; seed < SEEDS; seed++) {
      SamplingParameters sampling =
          new SamplingParameters(
              200,
              2,
              0.95f,
              seed % 2 * 40,
              0,
              1.3f,
              0.5f,
              0.5f,
              Map.of(64, 100f, 0, 100f),
              OptionalLong.of(seed),
              List.of(),
              List.of(),
              3,
              EndTokens.STOP,
              0);
      Completion completion =
          ask("models/dinghy-llava", new ResponseFormat.JsonSchema(BIRD), sampling).completion();
      if (completion.reason() == FinishReason.STOP) {
        assertThat(validator(BIRD).validate(JSON.readTree(completion.text()))).isEmpty();
      }
    }
  }

  private static RecordingListener ask(
      String checkpoint, ResponseFormat format, SamplingParameters sampling) {
    RecordingListener listener = new RecordingListener();
    ENGINES
        .get(checkpoint, OPTIONS)
        .generate(
            new GenerationRequest(
                    "request",
                    "default",
                    "",
                    List.of(ChatMessage.text(Role.USER, "What color is the bird?")),
                    sampling,
                    Optional.empty())
                .as(format),
            listener);
    return listener;
  }

  private static SamplingParameters how(float temperature, long seed) {
    return new SamplingParameters(
        200,
        temperature,
        1,
        0,
        0,
        1,
        0,
        0,
        Map.of(),
        OptionalLong.of(seed),
        List.of(),
        List.of(),
        0,
        EndTokens.STOP,
        0);
  }

  private static SamplingParameters with(
      SamplingParameters how, int minTokens, EndTokens ends, List<String> stop, int topLogprobs) {
    return new SamplingParameters(
        how.maxTokens(),
        how.temperature(),
        1,
        0,
        0,
        1,
        0,
        0,
        Map.of(),
        how.seed(),
        stop,
        List.of(),
        minTokens,
        ends,
        topLogprobs);
  }

  private static JsonSchema validator(String schema) throws JsonProcessingException {
    JsonNode node = JSON.readTree(schema);
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(node);
  }
}
