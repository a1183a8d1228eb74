package io.trimtab.serving.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.ResponseFormatJsonSchema;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionContentPart;
import com.openai.models.chat.completions.ChatCompletionContentPartImage;
import com.openai.models.chat.completions.ChatCompletionContentPartText;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.models.Model;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.trimtab.adaptation.feedback.FoundPrediction;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.text.Picture;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.Shared;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.GenerateResponse;
import io.trimtab.v1.Image;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import io.trimtab.v1.Sampling;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** OpenAI's own client, as it is, against the running server with the bundled model. */
@QuarkusTest
class OpenAiClientTest {
  private static final Picture PICTURE = DrawnPictures.png(0x3366cc);
  private static final String QUESTION = "What color is the circle?";
  private static final int TOKENS = 24;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TestHTTPResource("/")
  URI server;

  @ConfigProperty(name = "quarkus.grpc.server.test-port")
  int grpcPort;

  @Inject Predictions predictions;

  private OpenAIClient client;
  private ManagedChannel channel;

  @BeforeEach
  void connect() {
    client =
        OpenAIOkHttpClient.builder()
            .baseUrl(server.resolve("v1").toString())
            .apiKey("any")
            .maxRetries(0)
            .build();
    channel = ManagedChannelBuilder.forAddress("localhost", grpcPort).usePlaintext().build();
  }

  @AfterEach
  void disconnect() {
    client.close();
    channel.shutdownNow();
  }

  @Test
  void chatWithAPictureSaysWhatGrpcSays() {
    GenerateResponse expected = overGrpc();
    ChatCompletion answer = client.chat().completions().create(question().build());

    ChatCompletion.Choice choice = answer.choices().getFirst();
    assertThat(choice.message().content()).contains(expected.getText());
    assertThat(choice.finishReason().toString())
        .isEqualTo(expected.getUsage().getCompletionTokens() == TOKENS ? "length" : "stop");
    assertThat(answer.systemFingerprint()).contains(expected.getServedBy().getModelDigest());
    assertThat(answer.usage().orElseThrow().completionTokens())
        .isEqualTo(expected.getUsage().getCompletionTokens());
    assertThat(answer.usage().orElseThrow().promptTokens())
        .isEqualTo(expected.getUsage().getPromptTokens());
    assertThat(answer.isValid()).isTrue();
  }

  @Test
  void streamSaysWhatGrpcSays() {
    GenerateResponse expected = overGrpc();
    StringBuilder text = new StringBuilder();
    try (StreamResponse<ChatCompletionChunk> stream =
        client
            .chat()
            .completions()
            .createStreaming(
                question()
                    .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
                    .build())) {
      List<ChatCompletionChunk> chunks = stream.stream().toList();
      assertThat(chunks).allMatch(ChatCompletionChunk::isValid).hasSizeGreaterThan(3);
      assertThat(chunks.getFirst().choices().getFirst().delta().role()).isPresent();
      assertThat(chunks.getLast().usage().orElseThrow().completionTokens())
          .isEqualTo(expected.getUsage().getCompletionTokens());
      chunks.stream()
          .flatMap(chunk -> chunk.choices().stream())
          .flatMap(choice -> choice.delta().content().stream())
          .forEach(text::append);
    }
    assertThat(text.toString()).isEqualTo(expected.getText());
  }

  @Test
  void logprobsAreThoseOfGrpc() {
    GenerateResponse expected = overGrpc();
    ChatCompletion answer =
        client.chat().completions().create(question().logprobs(true).topLogprobs(2).build());
    var tokens = answer.choices().getFirst().logprobs().orElseThrow().content().orElseThrow();
    assertThat(tokens).hasSameSizeAs(expected.getLogprobsList());
    for (int i = 0; i < tokens.size(); i++) {
      assertThat(tokens.get(i).token()).isEqualTo(expected.getLogprobs(i).getText());
      assertThat((float) tokens.get(i).logprob()).isEqualTo(expected.getLogprobs(i).getLogprob());
      assertThat(tokens.get(i).topLogprobs()).hasSize(2);
      assertThat((float) tokens.get(i).topLogprobs().get(1).logprob())
          .isEqualTo(expected.getLogprobs(i).getTop(1).getLogprob());
    }
  }

  @Test
  void adapterLoadedAsVllmLoadsItIsUsedByNameAndUnloaded() throws Exception {
    RawHttp http = new RawHttp(server);
    Path folder = Files.createTempDirectory(Path.of("target"), "loras").toAbsolutePath();
    try (Checkpoint base = Checkpoint.open(Shared.path("models/dinghy-llava"))) {
      PeftFolder.random(base.config(), folder, 3, 8, Set.of("q_proj", "v_proj"), 0.3f);
    }
    String name = "terns-" + Long.toHexString(System.nanoTime());
    String load = "{\"lora_name\": \"%s\", \"lora_path\": \"%s\"}".formatted(name, folder);
    assertThat(http.post("v1/load_lora_adapter", load).statusCode()).isEqualTo(200);

    assertThat(client.models().list().data()).extracting(Model::id).contains(name, "dinghy-llava");
    assertThat(client.models().retrieve(name).id()).isEqualTo(name);
    ChatCompletion adapted =
        client.chat().completions().create(question().model(name).logprobs(true).build());
    ChatCompletion base = client.chat().completions().create(question().logprobs(true).build());
    assertThat(adapted.model()).isEqualTo(name);
    assertThat(adapted.systemFingerprint()).isNotEqualTo(base.systemFingerprint());
    assertThat(firstLogprob(adapted)).isNotEqualTo(firstLogprob(base));
    assertThat(
            client
                .chat()
                .completions()
                .create(question().model(name + "@1").build())
                .systemFingerprint())
        .isEqualTo(adapted.systemFingerprint());

    String unload = "{\"lora_name\": \"%s\", \"delete\": true}".formatted(name);
    assertThat(http.post("v1/unload_lora_adapter", unload).statusCode()).isEqualTo(200);
    assertThat(client.models().list().data()).extracting(Model::id).doesNotContain(name);
    assertThat(
            catchThrowableOfType(
                NotFoundException.class,
                () -> client.chat().completions().create(question().model(name).build())))
        .isNotNull();
  }

  private static double firstLogprob(ChatCompletion answer) {
    return answer
        .choices()
        .getFirst()
        .logprobs()
        .orElseThrow()
        .content()
        .orElseThrow()
        .getFirst()
        .logprob();
  }

  @Test
  void storedAnswerTakesFeedbackByItsId() {
    ChatCompletion answer = client.chat().completions().create(question().store(true).build());
    assertThat(predictions.find("default", answer.id()))
        .isInstanceOfSatisfying(
            FoundPrediction.Present.class,
            kept ->
                assertThat(answer.choices().getFirst().message().content())
                    .contains(kept.prediction().answer()));
    String unstored = client.chat().completions().create(question().build()).id();
    assertThat(predictions.find("default", unstored)).isInstanceOf(FoundPrediction.Unknown.class);
  }

  @Test
  void completionOfAChatsTokensIsTheChatsAnswer() throws Exception {
    RawHttp http = new RawHttp(server);
    String messages = "[{\"role\": \"user\", \"content\": \"How many birds are there?\"}]";
    JsonNode tokenized =
        JSON.readTree(http.post("tokenize", "{\"messages\": %s}".formatted(messages)).body());
    String chat =
        JSON.readTree(
                http.post(
                        RawHttp.CHAT,
                        "{\"messages\": %s, \"temperature\": 0, \"max_tokens\": 12}"
                            .formatted(messages))
                    .body())
            .at("/choices/0/message/content")
            .asText();
    String prompt =
        JSON.readTree(
                http.post("detokenize", "{\"tokens\": %s}".formatted(tokenized.path("tokens")))
                    .body())
            .path("prompt")
            .asText();
    assertThat(prompt).contains("How many birds are there?");
    assertThat(tokenized.path("max_model_len").asInt()).isEqualTo(2048);
    assertThat(tokenized.path("count").asInt()).isEqualTo(tokenized.path("tokens").size());
    assertThat(
            JSON.readTree(
                    http.post("tokenize", JSON.writeValueAsString(Map.of("prompt", prompt))).body())
                .path("tokens"))
        .isEqualTo(tokenized.path("tokens"));

    Completion ofText =
        client
            .completions()
            .create(
                CompletionCreateParams.builder()
                    .model("base")
                    .prompt(prompt)
                    .temperature(0)
                    .maxTokens(12)
                    .logprobs(1)
                    .build());
    assertThat(ofText.choices().getFirst().text()).isEqualTo(chat);
    assertThat(ofText.choices().getFirst().logprobs().orElseThrow().tokenLogprobs().orElseThrow())
        .hasSize((int) ofText.usage().orElseThrow().completionTokens());
    String ofTokens =
        JSON.readTree(
                http.post(
                        "v1/completions",
                        "{\"prompt\": %s, \"temperature\": 0, \"max_tokens\": 12}"
                            .formatted(tokenized.path("tokens")))
                    .body())
            .at("/choices/0/text")
            .asText();
    assertThat(ofTokens).isEqualTo(chat);
  }

  @Test
  void answerHasTheFormThatASchemaGives() throws Exception {
    ResponseFormatJsonSchema.JsonSchema.Schema schema =
        ResponseFormatJsonSchema.JsonSchema.Schema.builder()
            .putAdditionalProperty("type", JsonValue.from("object"))
            .putAdditionalProperty(
                "properties", JsonValue.from(Map.of("many", Map.of("type", "boolean"))))
            .putAdditionalProperty("required", JsonValue.from(List.of("many")))
            .putAdditionalProperty("additionalProperties", JsonValue.from(false))
            .build();
    ChatCompletion answer =
        client
            .chat()
            .completions()
            .create(
                question()
                    .maxCompletionTokens(64)
                    .responseFormat(
                        ResponseFormatJsonSchema.builder()
                            .jsonSchema(
                                ResponseFormatJsonSchema.JsonSchema.builder()
                                    .name("birds")
                                    .schema(schema)
                                    .build())
                            .build())
                    .build());
    ChatCompletion.Choice choice = answer.choices().getFirst();
    assertThat(choice.finishReason().toString()).isEqualTo("stop");
    JsonNode json = JSON.readTree(choice.message().content().orElseThrow());
    assertThat(json.path("many").isBoolean()).isTrue();
    assertThat(json.size()).isEqualTo(1);
  }

  @Test
  void errorsHaveTheClientsClasses() {
    NotFoundException notFound =
        catchThrowableOfType(
            NotFoundException.class,
            () -> client.chat().completions().create(question().model("nobody").build()));
    assertThat(notFound.code()).contains("model_not_found");
    assertThat(notFound.param()).contains("model");
    assertThat(notFound.type()).contains("NotFoundError");
    BadRequestException bad =
        catchThrowableOfType(
            BadRequestException.class,
            () -> client.chat().completions().create(question().n(2).build()));
    assertThat(bad.param()).contains("n");
    assertThat(
            catchThrowableOfType(
                    BadRequestException.class,
                    () ->
                        client
                            .chat()
                            .completions()
                            .create(question().maxCompletionTokens(1_000_000).build()))
                .param())
        .contains("messages");
  }

  private static ChatCompletionCreateParams.Builder question() {
    return ChatCompletionCreateParams.builder()
        .model("dinghy-llava")
        .temperature(0)
        .maxCompletionTokens(TOKENS)
        .addUserMessageOfArrayOfContentParts(
            List.of(
                ChatCompletionContentPart.ofImageUrl(
                    ChatCompletionContentPartImage.builder()
                        .imageUrl(
                            ChatCompletionContentPartImage.ImageUrl.builder()
                                .url(RawHttp.dataUrl(PICTURE))
                                .build())
                        .build()),
                ChatCompletionContentPart.ofText(
                    ChatCompletionContentPartText.builder().text(QUESTION).build())));
  }

  private GenerateResponse overGrpc() {
    return InferenceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(60, TimeUnit.SECONDS)
        .complete(
            GenerateRequest.newBuilder()
                .addMessages(
                    Message.newBuilder()
                        .setRole("user")
                        .addParts(
                            Part.newBuilder()
                                .setImage(
                                    Image.newBuilder()
                                        .setData(ByteString.copyFrom(PICTURE.encoded()))))
                        .addParts(Part.newBuilder().setText(QUESTION)))
                .setSampling(Sampling.newBuilder().setMaxTokens(TOKENS).setTopLogprobs(2))
                .build());
  }
}
