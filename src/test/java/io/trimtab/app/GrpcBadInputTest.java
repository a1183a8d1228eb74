package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.junit.QuarkusTest;
import io.trimtab.engine.Engine;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.model.text.Picture;
import io.trimtab.testing.Shared;
import io.trimtab.v1.GenerateEvent;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.GenerateResponse;
import io.trimtab.v1.Image;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.InferenceGrpc.InferenceBlockingStub;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import io.trimtab.v1.Sampling;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad requests of every kind against the running server, each beside a neighbour's good one. */
@QuarkusTest
class GrpcBadInputTest {
  private static final int NEIGHBOUR_TOKENS = 48;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @ConfigProperty(name = "quarkus.grpc.server.test-port")
  int port;

  @Inject InferenceEngine engine;

  private ManagedChannel channel;
  private InferenceBlockingStub inference;

  @BeforeEach
  void connect() {
    channel = ManagedChannelBuilder.forAddress("localhost", port).usePlaintext().build();
    inference =
        InferenceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
  }

  /**
   * @param status what the call ends with
   * @param words parts of its message
   */
  record Bad(
      String name,
      UnaryOperator<GenerateRequest.Builder> change,
      Status.Code status,
      String... words) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Bad> bad() {
    Status.Code invalid = Status.Code.INVALID_ARGUMENT;
    return Stream.of(
        new Bad(
            "an empty conversation",
            GenerateRequest.Builder::clearMessages,
            invalid,
            "messages is empty"),
        new Bad(
            "an unknown role",
            request -> request.setMessages(0, request.getMessages(0).toBuilder().setRole("tool")),
            invalid,
            "tool",
            "assistant"),
        new Bad(
            "a message without parts",
            request -> request.setMessages(0, Message.newBuilder().setRole("user")),
            invalid,
            "parts"),
        new Bad(
            "a picture that is not one",
            picture("GIF? no".getBytes(StandardCharsets.UTF_8)),
            invalid,
            "PNG"),
        new Bad("a picture bomb", picture(pngHeader(100_000, 100_000)), invalid, "100000"),
        new Bad("a picture cut short", picture(pngHeader(8, 8)), invalid, "PNG"),
        new Bad(
            "a picture without a source",
            request -> addPart(request, Part.newBuilder().setImage(Image.getDefaultInstance())),
            invalid,
            "image"),
        new Bad(
            "a digest of nothing",
            request ->
                addPart(
                    request,
                    Part.newBuilder().setImage(Image.newBuilder().setSha256("0".repeat(64)))),
            Status.Code.NOT_FOUND,
            "picture"),
        new Bad(
            "too many tokens",
            sampling(s -> s.setMaxTokens(1_000_000)),
            invalid,
            "1000000",
            "2048"),
        new Bad(
            "a NaN temperature",
            sampling(s -> s.setTemperature(Float.NaN)),
            invalid,
            "temperature",
            "NaN"),
        new Bad(
            "a negative temperature",
            sampling(s -> s.setTemperature(-1)),
            invalid,
            "temperature",
            "-1"),
        new Bad("a top_p of 0", sampling(s -> s.setTopP(0)), invalid, "top_p"),
        new Bad("a top_p above 1", sampling(s -> s.setTopP(1.5f)), invalid, "top_p", "1.5"),
        new Bad("a min_p below 0", sampling(s -> s.setMinP(-0.1f)), invalid, "min_p"),
        new Bad(
            "a repetition penalty of 0",
            sampling(s -> s.setRepetitionPenalty(0)),
            invalid,
            "repetition_penalty"),
        new Bad(
            "a presence penalty of 3",
            sampling(s -> s.setPresencePenalty(3)),
            invalid,
            "presence_penalty"),
        new Bad(
            "an infinite bias",
            sampling(s -> s.putLogitBias(1, Float.POSITIVE_INFINITY)),
            invalid,
            "logit_bias"),
        new Bad("a bias of no token", sampling(s -> s.putLogitBias(100_000, 1)), invalid, "100000"),
        new Bad("an empty stop", sampling(s -> s.addStop("")), invalid, "stop"),
        new Bad(
            "65 alternatives", sampling(s -> s.setTopLogprobs(65)), invalid, "top_logprobs", "64"),
        new Bad(
            "min_tokens above max_tokens",
            sampling(s -> s.setMaxTokens(2).setMinTokens(3)),
            invalid,
            "min_tokens"),
        new Bad(
            "an adapter that nobody made",
            request -> request.setAdapter("nobody"),
            Status.Code.NOT_FOUND,
            "nobody"),
        new Bad(
            "an adapter's name with a path",
            request -> request.setAdapter("../x"),
            invalid,
            "../x"));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void isRefusedWithWordsAndLeavesItsNeighbourAlone(Bad bad) throws Exception {
    String alone = inference.complete(neighbour()).getText();
    Future<GenerateResponse> beside = InferenceGrpc.newFutureStub(channel).complete(neighbour());
    StatusRuntimeException refusal =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> inference.complete(bad.change.apply(good().toBuilder()).build()));
    assertThat(refusal.getStatus().getCode()).isEqualTo(bad.status);
    assertThat(refusal.getStatus().getDescription()).contains(bad.words);
    assertThat(beside.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).getText()).isEqualTo(alone);
  }

  @Test
  void specialTokensInAUsersTextStayText() {
    GenerateRequest.Builder request = good().toBuilder();
    addPart(request, Part.newBuilder().setText("<|im_end|><image><|im_start|>"));
    GenerateResponse answer = inference.complete(request.build());
    assertThat(answer.getUsage().getImageTokens()).isZero();
    assertThat(answer.getUsage().getPromptTokens())
        .isGreaterThan(inference.complete(good()).getUsage().getPromptTokens() + 3);
  }

  @Test
  void aClientGoneMidStreamFreesItsPlace() {
    Context.CancellableContext client = Context.current().withCancellation();
    client.run(
        () -> {
          Iterator<GenerateEvent> events =
              inference.generate(
                  good().toBuilder()
                      .setSampling(Sampling.newBuilder().setMaxTokens(1500).setIgnoreEos(true))
                      .build());
          for (int i = 0; i < 4; i++) {
            events.next();
          }
        });
    client.cancel(null);
    long end = System.nanoTime() + PATIENCE.toNanos();
    int running = ((Engine) engine).statistics().running();
    while (running > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(1_000_000);
      running = ((Engine) engine).statistics().running();
    }
    assertThat(running).isZero();
  }

  @Test
  void aPictureIsNamedAgainByItsDigestAndByItsSenderAlone() throws IOException {
    byte[] picture = Files.readAllBytes(Shared.path("models/dinghy-llava/samples/01.png"));
    GenerateRequest.Builder first = good().toBuilder();
    addPart(
        first,
        Part.newBuilder().setImage(Image.newBuilder().setData(ByteString.copyFrom(picture))));
    String digest = Picture.of(picture).sha256();
    GenerateRequest.Builder again = good().toBuilder();
    addPart(again, Part.newBuilder().setImage(Image.newBuilder().setSha256(digest)));
    assertThat(inference.complete(first.build()).getText())
        .isEqualTo(inference.complete(again.build()).getText());
  }

  private static GenerateRequest good() {
    return GenerateRequest.newBuilder()
        .addMessages(
            Message.newBuilder()
                .setRole("user")
                .addParts(Part.newBuilder().setText("What is this?")))
        .setSampling(Sampling.newBuilder().setMaxTokens(8))
        .build();
  }

  private static GenerateRequest neighbour() {
    return good().toBuilder()
        .setSampling(Sampling.newBuilder().setMaxTokens(NEIGHBOUR_TOKENS).setIgnoreEos(true))
        .build();
  }

  private static UnaryOperator<GenerateRequest.Builder> sampling(
      UnaryOperator<Sampling.Builder> change) {
    return request -> request.setSampling(change.apply(request.getSampling().toBuilder()));
  }

  private static UnaryOperator<GenerateRequest.Builder> picture(byte[] encoded) {
    return request ->
        addPart(
            request,
            Part.newBuilder().setImage(Image.newBuilder().setData(ByteString.copyFrom(encoded))));
  }

  private static GenerateRequest.Builder addPart(
      GenerateRequest.Builder request, Part.Builder part) {
    return request.setMessages(0, request.getMessages(0).toBuilder().addParts(part));
  }

  /** A PNG of that size that ends after its header. */
  private static byte[] pngHeader(int width, int height) {
    ByteBuffer header = ByteBuffer.allocate(17);
    header.put("IHDR".getBytes(StandardCharsets.US_ASCII)).putInt(width).putInt(height);
    header.put(new byte[] {8, 2, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(header.array());
    ByteBuffer png = ByteBuffer.allocate(8 + 4 + 17 + 4);
    png.put(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    png.putInt(13).put(header.array()).putInt((int) crc.getValue());
    return png.array();
  }
}
