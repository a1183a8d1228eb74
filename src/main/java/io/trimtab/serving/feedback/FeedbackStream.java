package io.trimtab.serving.feedback;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.trimtab.adaptation.feedback.FeedbackLog;
import io.trimtab.error.PlainText;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.grpc.StatusMapping;
import io.trimtab.v1.FeedbackRequest;
import io.trimtab.v1.FeedbackSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Feedback as it is streamed in: a bounded number of messages is on its way to the log, and a
 * client is held back by HTTP/2's own flow control. One bad message is an error of its own; when
 * all have been told of, the summary is sent. The monitor guards all fields.
 */
final class FeedbackStream implements StreamObserver<FeedbackRequest> {
  /** Messages that are read and not acknowledged yet. */
  static final int IN_FLIGHT_MAX = 64;

  /** Errors that are told; more are counted. */
  static final int ERRORS_MAX = 100;

  /** Longer ids are told by their beginning. */
  private static final int ID_CHARACTERS_MAX = 128;

  private final ServerCallStreamObserver<FeedbackSummary> client;
  private final String tenant;
  private final FeedbackReader reader;
  private final FeedbackLog log;
  private final OpenCalls openCalls;
  private final List<String> errors = new ArrayList<>();
  private long received;
  private long accepted;
  private long refused;
  private boolean ended;
  private boolean over;

  FeedbackStream(
      ServerCallStreamObserver<FeedbackSummary> client,
      String tenant,
      FeedbackReader reader,
      FeedbackLog log,
      OpenCalls openCalls) {
    this.client = client;
    this.tenant = tenant;
    this.reader = reader;
    this.log = log;
    this.openCalls = openCalls;
  }

  void begin() {
    client.disableAutoRequest();
    client.setOnCancelHandler(this::gone);
    try {
      openCalls.began();
    } catch (TrimtabException refusal) {
      over = true;
      client.onError(StatusMapping.toError(refusal));
      return;
    }
    client.request(IN_FLIGHT_MAX);
  }

  @Override
  public void onNext(FeedbackRequest request) {
    long number = next();
    Thread.startVirtualThread(
        () -> {
          try {
            var _ =
                log.append(reader.read(tenant, request))
                    .whenComplete((_, failure) -> told(number, request, failure));
          } catch (Throwable failure) {
            told(number, request, failure);
          }
        });
  }

  private synchronized long next() {
    return ++received;
  }

  private synchronized void told(
      long number, FeedbackRequest request, @Nullable Throwable failure) {
    if (failure == null) {
      accepted++;
    } else {
      refused++;
      if (errors.size() < ERRORS_MAX) {
        errors.add(
            "message %d%s: %s"
                .formatted(
                    number,
                    named(request.getFeedbackId()),
                    StatusMapping.toError(unwrapped(failure)).getStatus().getDescription()));
      }
    }
    if (!over) {
      client.request(1);
    }
    endIfTold();
  }

  /** A sender's own id, whatever it is: all errors together are one message. */
  private static String named(String id) {
    if (id.isEmpty()) {
      return "";
    }
    boolean plain = id.length() <= ID_CHARACTERS_MAX && PlainText.is(id);
    return " (%s)".formatted(plain ? id : Quoted.of(id));
  }

  private static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException wrapped && wrapped.getCause() != null
        ? wrapped.getCause()
        : failure;
  }

  @Override
  public synchronized void onCompleted() {
    ended = true;
    endIfTold();
  }

  @Override
  public void onError(Throwable failure) {
    gone();
  }

  private synchronized void gone() {
    if (!over) {
      over = true;
      openCalls.ended();
    }
  }

  private void endIfTold() {
    if (over || !ended || accepted + refused < received) {
      return;
    }
    over = true;
    if (refused > errors.size()) {
      errors.add("and %d more".formatted(refused - errors.size()));
    }
    client.onNext(FeedbackSummary.newBuilder().setAccepted(accepted).addAllErrors(errors).build());
    client.onCompleted();
    openCalls.ended();
  }
}
