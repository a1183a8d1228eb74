package io.trimtab.serving.feedback;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.trimtab.adaptation.UploadLimits;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.feedback.FeedbackLog;
import io.trimtab.adaptation.feedback.KeptExample;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adapter.AdapterId;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.adapters.AdapterReader;
import io.trimtab.serving.grpc.AdmittedCalls;
import io.trimtab.serving.grpc.Caller;
import io.trimtab.v1.FeedbackExample;
import io.trimtab.v1.FeedbackGrpc;
import io.trimtab.v1.FeedbackReceipt;
import io.trimtab.v1.FeedbackRequest;
import io.trimtab.v1.FeedbackStatus;
import io.trimtab.v1.FeedbackStatusRequest;
import io.trimtab.v1.FeedbackSummary;
import io.trimtab.v1.ListExamplesRequest;
import io.trimtab.v1.RedriveRequest;
import io.trimtab.v1.RedriveResponse;
import io.trimtab.v1.RetractRequest;
import io.trimtab.v1.RetractResponse;
import jakarta.inject.Inject;

/**
 * {@code trimtab.v1.Feedback}: what is submitted is checked, appended to the log that Kafka's
 * clients write to as well, and acknowledged once the log has it. Work is done on virtual threads.
 */
@GrpcService
public class FeedbackService extends FeedbackGrpc.FeedbackImplBase {
  static final int REDRIVE_DEFAULT = 1000;

  private final FeedbackLog log;
  private final ExampleStore examples;
  private final FeedbackSubmissions submissions;
  private final FeedbackWriter writer;
  private final UploadLimits pace;
  private final OpenCalls openCalls;
  private final AdmittedCalls calls;

  @Inject
  public FeedbackService(
      InferenceEngine engine,
      ServingLimits limits,
      FeedbackLimits feedbackLimits,
      FeedbackLog log,
      ExampleStore examples,
      TenantPictures pictures,
      TuningNeeds needs,
      UploadLimits pace,
      OpenCalls openCalls) {
    this.log = log;
    this.examples = examples;
    this.submissions =
        new FeedbackSubmissions(engine, limits, feedbackLimits, log, examples, needs);
    this.writer = new FeedbackWriter(pictures);
    this.pace = pace;
    this.openCalls = openCalls;
    this.calls = new AdmittedCalls(openCalls);
  }

  @Override
  public void submit(FeedbackRequest request, StreamObserver<FeedbackReceipt> observer) {
    calls.reply(
        observer,
        (caller, reply) -> {
          var _ =
              submissions
                  .submit(caller.tenant(), request)
                  .whenComplete(reply.writing(receipt -> receipt));
        });
  }

  @Override
  public StreamObserver<FeedbackRequest> submitAll(StreamObserver<FeedbackSummary> observer) {
    ServerCallStreamObserver<FeedbackSummary> client =
        (ServerCallStreamObserver<FeedbackSummary>) observer;
    FeedbackStream stream =
        new FeedbackStream(client, Caller.current().tenant(), submissions.reader(), log, openCalls);
    stream.begin();
    return stream;
  }

  @Override
  public void status(FeedbackStatusRequest request, StreamObserver<FeedbackStatus> observer) {
    calls.answer(observer, caller -> submissions.status(caller.tenant()));
  }

  @Override
  public void listExamples(ListExamplesRequest request, StreamObserver<FeedbackExample> observer) {
    calls.stream(
        observer,
        pace.stallMax(),
        (caller, client, clientPace) -> {
          AdapterId adapter = AdapterReader.id(caller.tenant(), request.getAdapter());
          examples.refresh();
          for (KeptExample example : examples.list(adapter)) {
            clientPace.awaitReady();
            client.onNext(writer.example(example, pictures(request)));
          }
        });
  }

  private static FeedbackWriter.Pictures pictures(ListExamplesRequest request) {
    return request.getIncludePictures()
        ? FeedbackWriter.Pictures.AS_DATA
        : FeedbackWriter.Pictures.BY_DIGEST;
  }

  @Override
  public void retract(RetractRequest request, StreamObserver<RetractResponse> observer) {
    calls.reply(
        observer,
        (caller, reply) -> {
          examples.retract(
              caller.tenant(),
              request.getFeedbackId(),
              AdapterReader.words("reason", request.getReason()));
          reply.answer(RetractResponse.getDefaultInstance());
        });
  }

  @Override
  public void redrive(RedriveRequest request, StreamObserver<RedriveResponse> observer) {
    calls.reply(
        observer,
        (caller, reply) -> {
          int max = request.getMax() == 0 ? REDRIVE_DEFAULT : request.getMax();
          if (max < 0) {
            throw TrimtabException.invalid(
                "max is %s, expected at most %d"
                    .formatted(Integer.toUnsignedString(max), Integer.MAX_VALUE));
          }
          var _ =
              log.redrive(caller.tenant(), max)
                  .whenComplete(
                      reply.writing(sent -> RedriveResponse.newBuilder().setSent(sent).build()));
        });
  }
}
