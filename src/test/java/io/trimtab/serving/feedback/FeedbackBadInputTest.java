package io.trimtab.serving.feedback;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.trimtab.serving.RunningLoop;
import io.trimtab.testing.BrokenPictures;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.v1.FeedbackGrpc;
import io.trimtab.v1.FeedbackReceipt;
import io.trimtab.v1.FeedbackRequest;
import io.trimtab.v1.FeedbackStatusRequest;
import io.trimtab.v1.FeedbackSummary;
import io.trimtab.v1.Image;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Feedback that can't be used, over gRPC: what its sender is told, and that others go on. */
class FeedbackBadInputTest {
  @TempDir private Path folder;
  private RunningLoop server;

  @BeforeEach
  void start() throws IOException {
    server = RunningLoop.start(folder);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private record Bad(String name, UnaryOperator<FeedbackRequest.Builder> change, String... words) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Bad> bad() {
    return Stream.of(
        new Bad("an id with a line end", f -> f.setFeedbackId("a\nb"), "feedback_id is 'a?b'"),
        new Bad(
            "an id of 10,000 characters",
            f -> f.setFeedbackId("x".repeat(10_000)),
            "feedback_id is 'xxx",
            "(10000 characters), expected 1 to 128"),
        new Bad("a blank correction", f -> f.setCorrection(" \n"), "correction is blank"),
        new Bad(
            "a correction of 50 MB",
            f -> f.setCorrection("x".repeat(50 << 20)),
            "correction has 52428800 characters, expected at most 10000"),
        new Bad("a control token", f -> f.setCorrection("<image>"), "contains '<image>'"),
        new Bad("no picture", picture("wren".getBytes(UTF_8)), "Expected a picture as PNG"),
        new Bad("half a picture", picture(BrokenPictures.cutShort()), "a whole PNG picture"),
        new Bad("a picture bomb", picture(BrokenPictures.bomb()), "100000"),
        new Bad("a picture of 50 MB", picture(new byte[50 << 20]), "52428800", "20971520"),
        new Bad("an unknown role", f -> f.setMessages(0, asked().setRole("bird")), "bird"),
        new Bad(
            "a digest of nothing",
            f ->
                f.setMessages(
                    0,
                    asked()
                        .setParts(
                            0,
                            Part.newBuilder()
                                .setImage(Image.newBuilder().setSha256("0".repeat(64))))),
            "0000"));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void isRefusedWithWordsAndLeavesTheRestOfItsStreamAlone(Bad bad) throws Exception {
    FeedbackRequest request = bad.change().apply(good("bad")).build();
    StatusRuntimeException refusal =
        catchThrowableOfType(StatusRuntimeException.class, () -> stub("t").submit(request));
    assertThat(refusal.getStatus().getCode())
        .isIn(Status.Code.INVALID_ARGUMENT, Status.Code.NOT_FOUND);
    assertThat(refusal.getStatus().getDescription()).contains(bad.words());

    FeedbackSummary summary = submitAll(List.of(good("f1").build(), request, good("f2").build()));
    assertThat(summary.getAccepted()).isEqualTo(2);
    assertThat(summary.getErrorsList())
        .singleElement()
        .asString()
        .startsWith("message 2 (")
        .contains(bad.words())
        .hasSizeLessThan(1_000)
        .matches(words -> words.chars().noneMatch(Character::isISOControl), "shows itself");
    assertThat(examples("t")).isEqualTo(2);
  }

  @Test
  void fieldsOfTheFutureArePassedOver() {
    UnknownFieldSet future =
        UnknownFieldSet.newBuilder()
            .addField(
                99, UnknownFieldSet.Field.newBuilder().addLengthDelimited(ByteString.EMPTY).build())
            .build();
    stub("t").submit(good("f1").setUnknownFields(future).build());
    assertThat(examples("t")).isEqualTo(1);
  }

  @Test
  void whatIsTooLargeForAMessageEndsItsCallAlone() throws Exception {
    FeedbackRequest large =
        good("f")
            .setMessages(0, message(ByteString.copyFrom(new byte[RunningLoop.INBOUND_BYTES_MAX])))
            .build();
    StatusRuntimeException refusal =
        catchThrowableOfType(StatusRuntimeException.class, () -> stub("t").submit(large));
    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(refusal.getStatus().getDescription()).contains("exceeds maximum size 67108864");
    assertThat(submitAll(List.of(good("f1").build())).getAccepted()).isEqualTo(1);
  }

  /** gRPC's library reads the message before any code of ours, and gives no better reason. */
  @Test
  void textThatIsNotUtf8EndsItsCallAlone() throws Exception {
    byte[] good = good("f").build().toByteArray();
    ByteString bad =
        ByteString.copyFrom(good).concat(ByteString.copyFrom(new byte[] {0x32, 1, (byte) 0xff}));
    StatusRuntimeException refusal =
        catchThrowableOfType(StatusRuntimeException.class, () -> submitRaw(bad.toByteArray()));
    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.UNKNOWN);
    assertThat(submitAll(List.of(good("f1").build())).getAccepted()).isEqualTo(1);
    assertThat(examples("t")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/c", "../etc", "A", "", "a b", "-a"})
  void aTenantsNameThatIsNoneIsRefusedBeforeItIsUsed(String tenant) {
    StatusRuntimeException refusal =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> stub(tenant).submit(good("f").build()));
    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refusal.getStatus().getDescription())
        .contains("x-tenant is '" + tenant + "', expected [a-z0-9][a-z0-9._-]{0,62}");
    assertThat(examples("default")).isZero();
  }

  private FeedbackReceipt submitRaw(byte[] request) {
    MethodDescriptor<byte[], FeedbackReceipt> method =
        FeedbackGrpc.getSubmitMethod().toBuilder(
                new Bytes(), FeedbackGrpc.getSubmitMethod().getResponseMarshaller())
            .build();
    return ClientCalls.blockingUnaryCall(
        stub("t").getChannel(), method, CallOptions.DEFAULT, request);
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private FeedbackSummary submitAll(List<FeedbackRequest> requests) throws Exception {
    CompletableFuture<FeedbackSummary> summary = new CompletableFuture<>();
    StreamObserver<FeedbackRequest> stream =
        server
            .as("t", FeedbackGrpc::newStub)
            .submitAll(
                new StreamObserver<>() {
                  @Override
                  public void onNext(FeedbackSummary value) {
                    summary.complete(value);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    summary.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    requests.forEach(stream::onNext);
    stream.onCompleted();
    return summary.get(60, TimeUnit.SECONDS);
  }

  private long examples(String tenant) {
    return stub(tenant)
        .status(FeedbackStatusRequest.getDefaultInstance())
        .getAdaptersList()
        .stream()
        .mapToLong(each -> each.getExamples())
        .sum();
  }

  private FeedbackGrpc.FeedbackBlockingStub stub(String tenant) {
    return server.as(tenant, FeedbackGrpc::newBlockingStub);
  }

  private static FeedbackRequest.Builder good(String id) {
    return FeedbackRequest.newBuilder()
        .setFeedbackId(id)
        .setAdapter("birds")
        .addMessages(asked())
        .setCorrection("wren");
  }

  private static UnaryOperator<FeedbackRequest.Builder> picture(byte[] encoded) {
    return feedback -> feedback.setMessages(0, message(ByteString.copyFrom(encoded)));
  }

  private static Message.Builder asked() {
    return message(ByteString.copyFrom(DrawnPictures.png(1).encoded()));
  }

  private static Message.Builder message(ByteString picture) {
    return Message.newBuilder()
        .setRole("user")
        .addParts(Part.newBuilder().setImage(Image.newBuilder().setData(picture)))
        .addParts(Part.newBuilder().setText("What is this?"));
  }
}
