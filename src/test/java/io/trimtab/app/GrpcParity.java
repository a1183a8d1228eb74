package io.trimtab.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.TextPart;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.ReferenceCase;
import io.trimtab.testing.Shared;
import io.trimtab.v1.DescribeModelRequest;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.GenerateResponse;
import io.trimtab.v1.Image;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.InferenceGrpc.InferenceBlockingStub;
import io.trimtab.v1.Message;
import io.trimtab.v1.ModelDescription;
import io.trimtab.v1.Part;
import io.trimtab.v1.Revision;
import io.trimtab.v1.RevisionState;
import io.trimtab.v1.Sampling;
import io.trimtab.v1.ScoreRequest;
import io.trimtab.v1.ScoreResponse;
import io.trimtab.v1.TokenLogprob;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole server against transformers: what a client gets over gRPC, for one family. */
abstract class GrpcParity {
  /** Two implementations of float32 arithmetic; what the contract promises. */
  private static final float TOLERANCE = 1e-3f;

  @ConfigProperty(name = "quarkus.grpc.server.test-port")
  int port;

  private final String checkpoint;
  private final List<String> adapterNames;
  private ManagedChannel channel;
  private InferenceBlockingStub inference;

  /**
   * @param adapterNames reference adapters, each also there with old names
   */
  GrpcParity(String checkpoint, List<String> adapterNames) {
    this.checkpoint = checkpoint;
    this.adapterNames = adapterNames;
  }

  /**
   * Serves a reference checkpoint in float32, with the frequencies that the reference was made
   * with.
   */
  static class Profile implements QuarkusTestProfile {
    private final String checkpoint;

    Profile(String checkpoint) {
      this.checkpoint = checkpoint;
    }

    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "trimtab.model", Shared.path(checkpoint).toString(),
          "trimtab.precision", "fp32",
          "trimtab.kafka.append-seconds", "60",
          "trimtab.rotary-frequencies", "bfloat16",
          "trimtab.data", "target/grpc-parity-data");
    }
  }

  @BeforeEach
  void connect() {
    channel = ManagedChannelBuilder.forAddress("localhost", port).usePlaintext().build();
    inference = InferenceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
  }

  @Test
  void completeGeneratesTheReferenceTokens() {
    for (ReferenceCase reference : ReferenceCase.of(checkpoint)) {
      GenerateResponse answer =
          inference.complete(
              GenerateRequest.newBuilder()
                  .addAllMessages(messages(reference.messages()))
                  .setSampling(Sampling.newBuilder().setMaxTokens(12).setMinTokens(12))
                  .build());
      assertThat(answer.getLogprobsList())
          .as(reference.toString())
          .extracting(token -> (long) token.getToken())
          .containsExactlyElementsOf(boxed(reference.expected().longs("generated")));
      assertThat(answer.getText()).isEqualTo(reference.generatedText());
    }
  }

  @Test
  void scoreGivesTheReferenceLogprobsOfEveryPromptToken() {
    for (ReferenceCase reference : ReferenceCase.of(checkpoint)) {
      ScoreResponse scored =
          inference.score(
              ScoreRequest.newBuilder()
                  .addAllMessages(messages(reference.messages()))
                  .setPromptLogprobs(true)
                  .build());
      float[] expected = reference.expected().floats("next_token_logprobs");
      List<TokenLogprob> tokens = scored.getPromptTokensList();
      assertThat(tokens).as(reference.toString()).hasSize(expected.length);
      for (int i = 0; i < expected.length; i++) {
        assertThat(tokens.get(i).getLogprob())
            .as("%s, token %d", reference, i + 1)
            .isCloseTo(expected[i], within(TOLERANCE));
      }
    }
  }

  /** Uploaded, asked, all of them in one batch with base, downloaded, deleted. */
  @Test
  void uploadedAdaptersAnswerTheNextRequestsAsUnderPeft() throws Exception {
    WireAdapters adapters = new WireAdapters(channel);
    List<String> names =
        adapterNames.stream().flatMap(name -> Stream.of(name, name + "-old-names")).toList();
    for (String name : names) {
      PeftFolder folder = adapterFolder(name);
      Revision revision = adapters.upload(name, folder);
      assertThat(revision.getState()).isEqualTo(RevisionState.REVISION_STATE_ACTIVE);
      ReferenceCase reference = adapterCase(name);
      GenerateResponse answer = inference.complete(twelveTokens(reference, name));
      assertThat(answer.getText()).as(name).isEqualTo(reference.generatedText());
      assertThat(answer.getServedBy().getAdapter()).isEqualTo(name);
      assertThat(answer.getServedBy().getRevision()).isEqualTo(revision.getRevision());
      assertThat(answer.getServedBy().getAdapterDigest()).isEqualTo(revision.getDigest());
      assertThat(adapters.download(name, revision.getRevision()))
          .isEqualTo(
              Map.of(
                  "adapter_config.json", Files.readString(folder.config(), ISO_8859_1),
                  "adapter_model.safetensors", Files.readString(folder.weights(), ISO_8859_1)));
    }
    allInOneBatch(names);
    names.forEach(adapters::delete);
    assertThat(adapters.list()).isEmpty();
  }

  private void allInOneBatch(List<String> names) throws Exception {
    InferenceGrpc.InferenceFutureStub futures = InferenceGrpc.newFutureStub(channel);
    Map<ReferenceCase, Future<GenerateResponse>> answers = new LinkedHashMap<>();
    ReferenceCase base = ReferenceCase.of(checkpoint).getFirst();
    answers.put(base, futures.complete(twelveTokens(base, "base")));
    for (String name : names) {
      ReferenceCase reference = adapterCase(name);
      answers.put(reference, futures.complete(twelveTokens(reference, name)));
    }
    for (Map.Entry<ReferenceCase, Future<GenerateResponse>> answer : answers.entrySet()) {
      assertThat(answer.getValue().get(60, TimeUnit.SECONDS).getText())
          .as("%s", answer.getKey())
          .isEqualTo(answer.getKey().generatedText());
    }
  }

  private static GenerateRequest twelveTokens(ReferenceCase reference, String adapter) {
    return GenerateRequest.newBuilder()
        .setAdapter(adapter)
        .addAllMessages(messages(reference.messages()))
        .setSampling(Sampling.newBuilder().setMaxTokens(12).setMinTokens(12))
        .build();
  }

  private PeftFolder adapterFolder(String name) {
    return new PeftFolder(Shared.path("%s/adapters/%s".formatted(checkpoint, name)));
  }

  /** Old names are the same weights, so they have the same case. */
  private ReferenceCase adapterCase(String name) {
    return new ReferenceCase(
        checkpoint,
        adapterFolder(name.replace("-old-names", "")).folder().resolve("cases/one-image"));
  }

  @Test
  void theModelIsDescribed() {
    ModelDescription model = inference.describeModel(DescribeModelRequest.getDefaultInstance());
    assertThat(checkpoint).endsWith(model.getName());
    assertThat(model.getPrecision()).isEqualTo("fp32");
    assertThat(model.getDevice()).isEqualTo("cpu");
    assertThat(model.getDigest()).matches("[0-9a-f]{64}");
    assertThat(model.getMaxSequenceTokens()).isEqualTo(4096);
    assertThat(model.getAdapterTargetsList()).contains("q_proj", "down_proj", "projector");
  }

  private static List<Message> messages(List<ChatMessage> messages) {
    return messages.stream()
        .map(
            message ->
                Message.newBuilder()
                    .setRole(message.role().wireName())
                    .addAllParts(message.parts().stream().map(GrpcParity::part).toList())
                    .build())
        .toList();
  }

  private static Part part(ContentPart part) {
    return switch (part) {
      case TextPart text -> Part.newBuilder().setText(text.text()).build();
      case PicturePart shown ->
          Part.newBuilder()
              .setImage(Image.newBuilder().setData(ByteString.copyFrom(shown.picture().encoded())))
              .build();
    };
  }

  private static List<Long> boxed(long[] values) {
    return Arrays.stream(values).boxed().toList();
  }
}
