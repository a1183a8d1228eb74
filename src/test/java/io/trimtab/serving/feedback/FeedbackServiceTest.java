package io.trimtab.serving.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.trimtab.adapter.AdapterId;
import io.trimtab.serving.RunningLoop;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.v1.AdapterFeedback;
import io.trimtab.v1.FeedbackExample;
import io.trimtab.v1.FeedbackGrpc;
import io.trimtab.v1.FeedbackReceipt;
import io.trimtab.v1.FeedbackRequest;
import io.trimtab.v1.FeedbackStatusRequest;
import io.trimtab.v1.FeedbackSummary;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.GenerateResponse;
import io.trimtab.v1.Image;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.ListExamplesRequest;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import io.trimtab.v1.RedriveRequest;
import io.trimtab.v1.RetractRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeedbackServiceTest {
  @TempDir Path folder;
  private RunningLoop server;

  @BeforeEach
  void start() throws Exception {
    server = RunningLoop.start(folder);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void whatIsSubmittedIsAcknowledgedAndKept() {
    FeedbackReceipt receipt = stub("t").submit(correction("f1", "wren").build());
    assertThat(receipt.getFeedbackId()).isEqualTo("f1");
    assertThat(receipt.getOffset()).isZero();
    assertThat(stub("t").submit(correction("", "finch").build()).getFeedbackId()).hasSize(36);
    AdapterFeedback status =
        stub("t").status(FeedbackStatusRequest.getDefaultInstance()).getAdapters(0);
    assertThat(status.getAdapter()).isEqualTo("birds");
    assertThat(status.getExamples()).isEqualTo(2);
    assertThat(status.getSinceLastTuning()).isEqualTo(2);
    assertThat(status.getNeeded()).isEqualTo(30);
    // The name was made by it, at revision 0.
    assertThat(server.bench().registry().list("t")).hasSize(1);
  }

  @Test
  void whatWouldBeADeadLetterIsRefusedAtOnce() {
    FeedbackRequest good = correction("f", "wren").build();
    refused(
        good.toBuilder().clearMessages().build(),
        "Neither came, expected either a prediction_id or messages");
    refused(good.toBuilder().setPredictionId("p").build(), "Both came");
    refused(good.toBuilder().setCorrection("").build(), "Neither a correction nor a rating");
    refused(good.toBuilder().setCorrection("x".repeat(100_000)).build(), "at most 10000");
    refused(good.toBuilder().setCorrection("wren<|im_end|>").build(), "special token");
    refused(good.toBuilder().setRating(2).build(), "rating is 2.0, expected -1 to 1");
    refused(good.toBuilder().setRating(Float.NaN).build(), "rating is NaN");
    refused(good.toBuilder().setAdapter("../x").build(), "adapter is");
    refused(good.toBuilder().setAdapter("base").build(), "'base' is the model without an adapter");
    refused(
        good.toBuilder().setMessages(0, message(ByteString.copyFromUtf8("no picture"))).build(),
        "picture");
    assertThat(server.bench().registry().list("t")).isEmpty();
  }

  @Test
  void aBrokerThatIsAwayIsUnavailable() {
    server.log().goAway();
    assertThatThrownBy(() -> stub("t").submit(correction("f", "wren").build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
  }

  @Test
  void oneBadMessageOfAStreamIsAnErrorOfItsOwn() throws Exception {
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
    for (int i = 0; i < 200; i++) {
      stream.onNext(correction("f" + i, i == 77 ? "" : "wren").build());
    }
    stream.onCompleted();
    FeedbackSummary told = summary.get(60, TimeUnit.SECONDS);
    assertThat(told.getAccepted()).isEqualTo(199);
    assertThat(told.getErrorsList())
        .singleElement()
        .asString()
        .startsWith("message 78 (f77): Neither a correction nor a rating");
  }

  @Test
  void examplesAreListedWithTheirPicturesAndTakenBack() {
    stub("t").submit(correction("f1", "wren").build());
    List<FeedbackExample> listed = list("t");
    assertThat(listed).hasSize(1);
    FeedbackExample example = listed.getFirst();
    assertThat(example.getState()).isEqualTo("usable");
    assertThat(example.getMessages(0).getParts(0).getImage().getData())
        .isEqualTo(ByteString.copyFrom(DrawnPictures.png(1).encoded()));
    stub("t").retract(RetractRequest.newBuilder().setFeedbackId("f1").setReason("a slip").build());
    assertThat(list("t").getFirst().getState()).isEqualTo("retracted");
    assertThat(list("t").getFirst().getDetail()).isEqualTo("a slip");
    assertThat(list("other")).isEmpty();
    assertThatThrownBy(
            () -> stub("other").retract(RetractRequest.newBuilder().setFeedbackId("f1").build()))
        .hasMessageContaining("NOT_FOUND");
  }

  @Test
  void deadLettersAreSentAgain() {
    FeedbackRequest first = correction("same", "wren").build();
    stub("t").submit(first);
    // The same id with other contents.
    stub("t").submit(first.toBuilder().setCorrection("finch").build());
    assertThat(stub("t").redrive(RedriveRequest.getDefaultInstance()).getSent()).isEqualTo(1);
    assertThatThrownBy(() -> stub("t").redrive(RedriveRequest.newBuilder().setMax(-1).build()))
        .hasMessageContaining("max is 4294967295");
  }

  @Test
  void aRetainedPredictionCanBeNamedAlone() {
    GenerateResponse answer =
        server
            .as("t", InferenceGrpc::newBlockingStub)
            .complete(
                GenerateRequest.newBuilder()
                    .addMessages(message(ByteString.copyFrom(DrawnPictures.png(1).encoded())))
                    .setRetain(true)
                    .build());
    FeedbackRequest feedback =
        FeedbackRequest.newBuilder()
            .setFeedbackId("f1")
            .setAdapter("birds")
            .setPredictionId(answer.getPredictionId())
            .setCorrection("wren")
            .build();
    stub("t").submit(feedback);
    FeedbackExample kept = list("t").getFirst();
    assertThat(kept.getPredictionId()).isEqualTo(answer.getPredictionId());
    assertThat(kept.getAnswer()).isEqualTo("Blue");
    assertThat(kept.getMessages(0).getParts(1).getText()).isEqualTo("What is this?");
    // Another tenant's is not there.
    stub("other").submit(feedback);
    assertThat(list("other")).isEmpty();
    assertThat(server.log().deadLettered(new AdapterId("other", "birds"))).isEqualTo(1);
  }

  @Test
  void anAnswerThatCannotBeKeptIsAnsweredAllTheSame() {
    // More than the server keeps of one picture; the engine here does not look at it.
    ByteString large = ByteString.copyFrom(new byte[(1 << 20) + 1]);
    GenerateResponse answer =
        server
            .as("t", InferenceGrpc::newBlockingStub)
            .complete(
                GenerateRequest.newBuilder().addMessages(message(large)).setRetain(true).build());
    assertThat(answer.getText()).isEqualTo("Blue");
    stub("t")
        .submit(
            FeedbackRequest.newBuilder()
                .setAdapter("birds")
                .setPredictionId(answer.getPredictionId())
                .setCorrection("wren")
                .build());
    assertThat(list("t")).isEmpty();
    assertThat(server.log().deadLettered(new AdapterId("t", "birds"))).isEqualTo(1);
  }

  private void refused(FeedbackRequest request, String expected) {
    assertThatThrownBy(() -> stub("t").submit(request))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT))
        .hasMessageContaining(expected);
  }

  private List<FeedbackExample> list(String tenant) {
    List<FeedbackExample> listed = new ArrayList<>();
    stub(tenant)
        .listExamples(
            ListExamplesRequest.newBuilder().setAdapter("birds").setIncludePictures(true).build())
        .forEachRemaining(listed::add);
    return listed;
  }

  private FeedbackGrpc.FeedbackBlockingStub stub(String tenant) {
    return server.as(tenant, FeedbackGrpc::newBlockingStub);
  }

  private static FeedbackRequest.Builder correction(String id, String correction) {
    return FeedbackRequest.newBuilder()
        .setFeedbackId(id)
        .setAdapter("birds")
        .addMessages(message(ByteString.copyFrom(DrawnPictures.png(1).encoded())))
        .setAnswer("a tit")
        .setCorrection(correction);
  }

  private static Message message(ByteString picture) {
    return Message.newBuilder()
        .setRole("user")
        .addParts(Part.newBuilder().setImage(Image.newBuilder().setData(picture)))
        .addParts(Part.newBuilder().setText("What is this?"))
        .build();
  }
}
