package io.trimtab.serving.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
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
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.trimtab.model.text.Picture;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.GenerateResponse;
import io.trimtab.v1.Image;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import io.trimtab.v1.Sampling;
import java.net.URI;
import java.util.List;
import java.util.Map;
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
  private static final String COLOR =
      """
      {"type": "object", "properties": {"color": {"enum": ["red", "green", "blue"]}},
       "required": ["color"], "additionalProperties": false}
      """;

  @TestHTTPResource("/")
  URI server;

  @ConfigProperty(name = "quarkus.grpc.server.test-port")
  int grpcPort;

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

  @Test
  void anAnswerHasTheFormThatItsSchemaSays() throws Exception {
    ChatCompletion answer =
        client.chat().completions().create(question().responseFormat(schema(COLOR)).build());
    ChatCompletion.Choice choice = answer.choices().getFirst();
    assertThat(choice.finishReason().toString()).isEqualTo("stop");
    JsonNode value = new ObjectMapper().readTree(choice.message().content().orElseThrow());
    assertThat(value.size()).isEqualTo(1);
    assertThat(value.path("color").asText()).isIn("red", "green", "blue");
  }

  @Test
  void aSchemaThatIsNotSupportedIsRefusedWithItsPlace() {
    String lookahead = "{\"type\":\"object\",\"properties\":{\"a\":{\"not\":{}}}}";
    BadRequestException bad =
        catchThrowableOfType(
            BadRequestException.class,
            () ->
                client
                    .chat()
                    .completions()
                    .create(question().responseFormat(schema(lookahead)).build()));
    assertThat(bad.param()).contains("response_format");
    assertThat(bad).hasMessageContaining("/properties/a/not");
  }

  private static ResponseFormatJsonSchema schema(String json) {
    return ResponseFormatJsonSchema.builder()
        .jsonSchema(
            ResponseFormatJsonSchema.JsonSchema.builder()
                .name("answer")
                .schema(JsonValue.from(new ObjectMapper().convertValue(read(json), Map.class)))
                .build())
        .build();
  }

  private static JsonNode read(String json) {
    try {
      return new ObjectMapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
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
