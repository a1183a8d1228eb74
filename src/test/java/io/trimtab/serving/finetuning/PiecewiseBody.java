package io.trimtab.serving.finetuning;

import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

/** A body that comes in pieces, each a while after it could be taken; so does its end. */
record PiecewiseBody(byte[] body, int pieces, Duration late) implements BodyPublisher {
  @Override
  public long contentLength() {
    // Unknown: the end is a piece of its own.
    return -1;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    Executor later =
        CompletableFuture.delayedExecutor(
            late.toNanos(), TimeUnit.NANOSECONDS, Thread::startVirtualThread);
    subscriber.onSubscribe(
        new Flow.Subscription() {
          private int sent;
          private long asked;
          private boolean busy;

          @Override
          public synchronized void request(long more) {
            asked += more;
            next();
          }

          @Override
          public synchronized void cancel() {
            sent = pieces + 1;
          }

          private void next() {
            if (!busy && (asked > 0 || sent == pieces) && sent <= pieces) {
              busy = true;
              later.execute(this::deliver);
            }
          }

          private void deliver() {
            int piece;
            synchronized (this) {
              piece = sent++;
              asked--;
            }
            if (piece == pieces) {
              subscriber.onComplete();
            } else if (piece < pieces) {
              subscriber.onNext(ByteBuffer.wrap(piece(piece)));
            }
            synchronized (this) {
              busy = false;
              next();
            }
          }
        });
  }

  private byte[] piece(int index) {
    return Arrays.copyOfRange(
        body,
        (int) ((long) body.length * index / pieces),
        (int) ((long) body.length * (index + 1) / pieces));
  }
}
