package io.trimtab.serving.openinference;

import inference.ModelInferRequest;
import inference.ModelStreamInferResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.CallIds;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.grpc.StatusMapping;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * A client's stream of requests and the answers to them. Requests are admitted in their order, one
 * by one, since each may bring pictures of many megabytes, and run together; at most {@link
 * #REQUESTS_MAX} are open, and a client that sends more, or does not read, is held back by HTTP/2's
 * own flow control.
 *
 * <p>While the client is not ready (gRPC's own buffer, 32 KiB, is full) new text is joined into one
 * pending response for each request. What is pending, of all requests together, never exceeds a
 * bound: at that point all are cancelled and the call ends with RESOURCE_EXHAUSTED. gRPC may hold
 * as much again, once: what was pending when it last had room. Last responses and errors are handed
 * to gRPC ready or not: there are no more of them than open requests.
 *
 * <p>The engine's thread and gRPC's meet here. One lock guards all fields and every word to the
 * client; under it messages are only encoded and queued, never waited for.
 */
final class InferStream implements StreamObserver<ModelInferRequest> {
  /** Requests that are read and not answered to the end. */
  static final int REQUESTS_MAX = 32;

  /** Has a request answered; may take as long as digesting its pictures does. */
  interface Intake {
    RequestHandle generate(ModelInferRequest request, CallIds made, StreamedAnswer answer);
  }

  private final ServerCallStreamObserver<ModelStreamInferResponse> client;
  private final Intake intake;
  private final OpenCalls openCalls;
  private final int pendingCharactersMax;
  private final Executor reading;
  private final Runnable whenStopping = this::stop;

  private final Object lock = new Object();
  private final Set<StreamedAnswer> open = new LinkedHashSet<>();
  private CompletableFuture<Void> admitted = CompletableFuture.completedFuture(null);
  private long pendingCharacters;

  /** Whether a request has been asked for that has not come. */
  private boolean asked;

  /** Whether one that has come is still being taken in: until then no other is asked for. */
  private boolean admitting;

  private boolean allAsked;
  private boolean stopping;
  private boolean clientDone;
  private boolean over;

  InferStream(
      ServerCallStreamObserver<ModelStreamInferResponse> client,
      Intake intake,
      OpenCalls openCalls,
      int pendingCharactersMax,
      Executor reading) {
    this.client = client;
    this.intake = intake;
    this.openCalls = openCalls;
    this.pendingCharactersMax = pendingCharactersMax;
    this.reading = reading;
  }

  void begin() {
    client.disableAutoRequest();
    client.setOnReadyHandler(this::ready);
    client.setOnCancelHandler(this::cancelled);
    try {
      openCalls.began(whenStopping);
    } catch (TrimtabException refusal) {
      synchronized (lock) {
        clientDone = true;
        over = true;
        client.onError(StatusMapping.toError(refusal));
      }
      return;
    }
    synchronized (lock) {
      asked = true;
    }
    client.request(1);
  }

  @Override
  public void onNext(ModelInferRequest request) {
    CallIds made = CallIds.made();
    StreamedAnswer answer =
        new StreamedAnswer(this, new InferResponseWriter(request, made.predictionId()));
    synchronized (lock) {
      if (clientDone) {
        return;
      }
      asked = false;
      admitting = true;
      open.add(answer);
      admitted = admitted.thenRunAsync(() -> admit(request, made, answer), reading);
    }
  }

  private void admit(ModelInferRequest request, CallIds made, StreamedAnswer answer) {
    try {
      requireServing();
      answer.attach(intake.generate(request, made, answer));
    } catch (Throwable failure) {
      // Errors too: a request that nobody ends would hold a stopping server.
      answer.fail(failure);
    } finally {
      synchronized (lock) {
        admitting = false;
        askForMore();
      }
    }
  }

  private void requireServing() {
    synchronized (lock) {
      if (clientDone) {
        throw new TrimtabException(ErrorCode.CANCELLED, "The client has gone");
      }
      if (stopping) {
        throw stoppingServer();
      }
    }
  }

  void holding(Runnable change) {
    synchronized (lock) {
      change.run();
    }
  }

  /** New text of an answer. */
  void add(StreamedAnswer answer, String text) {
    boolean tooSlow;
    synchronized (lock) {
      if (clientDone) {
        return;
      }
      answer.append(text);
      pendingCharacters += text.length();
      if (client.isReady()) {
        flush(answer);
      }
      tooSlow = pendingCharacters > pendingCharactersMax;
      if (tooSlow) {
        clientDone = true;
        client.onError(StatusMapping.toError(tooSlow()));
      }
    }
    if (tooSlow) {
      cancelAll();
    }
  }

  /**
   * The last of an answer.
   *
   * @param words what is still to be said, asked for under the lock
   */
  void end(StreamedAnswer answer, Supplier<List<ModelStreamInferResponse>> words) {
    synchronized (lock) {
      if (!open.remove(answer)) {
        return;
      }
      pendingCharacters -= answer.pending();
      if (!clientDone) {
        words.get().forEach(client::onNext);
      }
      askForMore();
      endIfAnswered();
    }
  }

  private void ready() {
    synchronized (lock) {
      if (!clientDone) {
        open.forEach(this::flush);
        askForMore();
      }
    }
  }

  @Override
  public void onCompleted() {
    synchronized (lock) {
      allAsked = true;
      endIfAnswered();
    }
  }

  @Override
  public void onError(Throwable failure) {
    cancelled();
  }

  private void cancelled() {
    synchronized (lock) {
      clientDone = true;
      endIfAnswered();
    }
    cancelAll();
  }

  private void stop() {
    synchronized (lock) {
      stopping = true;
      endIfAnswered();
    }
  }

  private void cancelAll() {
    List<StreamedAnswer> running;
    synchronized (lock) {
      running = List.copyOf(open);
    }
    running.forEach(StreamedAnswer::cancel);
  }

  private void flush(StreamedAnswer answer) {
    pendingCharacters -= answer.pending();
    answer.take().forEach(client::onNext);
  }

  private void askForMore() {
    // A client that reads nothing would otherwise fill memory with errors.
    if (!asked && !admitting && !clientDone && open.size() < REQUESTS_MAX && client.isReady()) {
      asked = true;
      client.request(1);
    }
  }

  private void endIfAnswered() {
    if (over || !open.isEmpty() || !(clientDone || allAsked || stopping)) {
      return;
    }
    over = true;
    if (!clientDone) {
      clientDone = true;
      if (allAsked) {
        client.onCompleted();
      } else {
        client.onError(StatusMapping.toError(stoppingServer()));
      }
    }
    openCalls.ended(whenStopping);
  }

  private static TrimtabException stoppingServer() {
    return new TrimtabException(
        ErrorCode.UNAVAILABLE, "The server is stopping; try another or try again later");
  }

  private TrimtabException tooSlow() {
    return new TrimtabException(
        ErrorCode.RESOURCE_EXHAUSTED,
        "The stream is read too slowly: %d characters are waiting, expected at most %d"
            .formatted(pendingCharacters, pendingCharactersMax));
  }
}
