package io.trimtab.serving.inference;

import io.grpc.stub.ServerCallStreamObserver;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.CallIds;
import io.trimtab.serving.Cancellation;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.grpc.StatusMapping;
import io.trimtab.v1.GenerateEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * One answer on its way to a streaming client: Started, Deltas, then Finished or a status.
 *
 * <p>While the client is not ready (gRPC's own buffer, 32 KiB, is full) new text is joined into one
 * pending Delta. What is pending never exceeds {@link ServingLimits#pendingCharactersMax}: at that
 * point the request is cancelled and the call ends with RESOURCE_EXHAUSTED. gRPC may hold as much
 * again, once: what was pending when it last had room. An answer that ends is handed to gRPC whole,
 * ready or not, since it does not grow any more.
 *
 * <p>The engine's thread and gRPC's meet here. One lock guards the pending Delta and every word to
 * the client; under it messages are only encoded and queued, never waited for.
 */
final class GenerateStream implements GenerationListener {
  /** What a token's log-probability weighs against the bound, its text aside. */
  static final int LOGPROB_CHARACTERS = 32;

  private final CallIds ids;
  private final ServerCallStreamObserver<GenerateEvent> client;
  private final Cancellation cancellation;
  private final OpenCalls openCalls;
  private final int pendingCharactersMax;

  private final Object lock = new Object();
  private final StringBuilder pendingText = new StringBuilder();
  private final List<TokenLogprob> pendingLogprobs = new ArrayList<>();
  private long pendingCharacters;
  private boolean clientDone;

  GenerateStream(
      CallIds ids,
      ServerCallStreamObserver<GenerateEvent> client,
      Cancellation cancellation,
      OpenCalls openCalls,
      int pendingCharactersMax) {
    this.ids = ids;
    this.client = client;
    this.cancellation = cancellation;
    this.openCalls = openCalls;
    this.pendingCharactersMax = pendingCharactersMax;
  }

  @Override
  public void started(ServedBy servedBy) {
    synchronized (lock) {
      if (!clientDone) {
        client.onNext(AnswerWriter.started(ids, servedBy));
      }
    }
  }

  @Override
  public void delta(String text, List<TokenLogprob> logprobs) {
    boolean tooSlow;
    synchronized (lock) {
      if (clientDone) {
        return;
      }
      pendingText.append(text);
      pendingLogprobs.addAll(logprobs);
      pendingCharacters += text.length() + characters(logprobs);
      if (client.isReady()) {
        flush();
      }
      tooSlow = pendingCharacters > pendingCharactersMax;
      if (tooSlow) {
        clientDone = true;
        client.onError(StatusMapping.toError(tooSlow()));
      }
    }
    if (tooSlow) {
      cancellation.cancel();
    }
  }

  /** The client can take more. */
  void ready() {
    synchronized (lock) {
      if (!clientDone) {
        flush();
      }
    }
  }

  @Override
  public void finished(Completion completion) {
    synchronized (lock) {
      if (!clientDone) {
        flush();
        clientDone = true;
        client.onNext(AnswerWriter.finished(completion));
        client.onCompleted();
      }
    }
    openCalls.ended();
  }

  @Override
  public void failed(TrimtabException reason) {
    fail(reason);
  }

  /** Ends the call with the status of this failure, after whatever was generated before it. */
  void fail(Throwable failure) {
    synchronized (lock) {
      if (!clientDone) {
        flush();
        clientDone = true;
        client.onError(StatusMapping.toError(failure));
      }
    }
    openCalls.ended();
  }

  private void flush() {
    if (!pendingText.isEmpty() || !pendingLogprobs.isEmpty()) {
      GenerateEvent delta = AnswerWriter.delta(pendingText.toString(), pendingLogprobs);
      pendingText.setLength(0);
      pendingLogprobs.clear();
      pendingCharacters = 0;
      client.onNext(delta);
    }
  }

  private TrimtabException tooSlow() {
    return new TrimtabException(
        ErrorCode.RESOURCE_EXHAUSTED,
        "The answer to %s is read too slowly: %d characters are waiting, expected at most %d"
            .formatted(ids.requestId(), pendingCharacters, pendingCharactersMax));
  }

  private static long characters(List<TokenLogprob> logprobs) {
    long characters = 0;
    for (TokenLogprob logprob : logprobs) {
      characters += LOGPROB_CHARACTERS + logprob.text().length() + characters(logprob.top());
    }
    return characters;
  }
}
