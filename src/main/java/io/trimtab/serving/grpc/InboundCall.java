package io.trimtab.serving.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.InboundPace;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one call, from their first byte until they are handed on; ends the call where
 * there is no room for them or they don't come.
 *
 * <p>gRPC tells of them on the connection's event loop, while the call itself is used by other
 * threads. A {@code ServerCall} is good for one thread at a time: {@link GuardedCall} answers under
 * the lock that this holds while it ends the call. No message comes before a listener has asked for
 * one, so {@link #begin} is ahead of them all.
 */
final class InboundCall extends ServerStreamTracer {
  /**
   * A piece counts as no less, on the average of a message: each is kept by itself, and with one
   * byte in it takes far more than that.
   */
  static final int PIECE_BYTES_MIN = 256;

  /**
   * Of {@link InboundMessages#PASSED_OVER_BYTES_MAX}; as much as one turn of an event loop reads.
   */
  static final int PASSED_OVER_BYTES_MAX = 1 << 20;

  private static final Context.Key<InboundCall> CURRENT = Context.key("inbound");

  private final InboundMessages all;
  private volatile Context.@Nullable CancellableContext stream;

  /** Held for moments; taken before the budget's. */
  private final Object lock = new Object();

  // All guarded by lock.
  private final InboundPace pace = new InboundPace("message", 0);
  private final MessageSizes whole = new MessageSizes();
  private String tenant = "";
  private @Nullable ServerCall<?, ?> call;
  private boolean oneMessage;
  private boolean awaited;
  private boolean answered;
  private boolean ended;
  private boolean gone;
  private long bytes;
  private long pieces;
  private long taken;
  private long passedOver;

  InboundCall(InboundMessages all) {
    this.all = all;
  }

  /** That of the call in whose gRPC context this thread is; empty on a server that has none. */
  static Optional<InboundCall> current() {
    return Optional.ofNullable(CURRENT.get());
  }

  @Override
  public Context filterContext(Context context) {
    Context.CancellableContext cancellable = context.withCancellation();
    stream = cancellable;
    return cancellable.withValue(CURRENT, this);
  }

  /** Tells whose call this is. Nothing has come of it. */
  void begin(String of, ServerCall<?, ?> begun) {
    synchronized (lock) {
      if (gone) {
        return;
      }
      tenant = of;
      call = begun;
      oneMessage = begun.getMethodDescriptor().getType().clientSendsOneMessage();
      all.began(this);
    }
  }

  @Override
  public void inboundMessage(int number) {
    synchronized (lock) {
      awaited = true;
      pace.begin(all.nowNanos());
    }
  }

  @Override
  public void inboundWireSize(long arrived) {
    boolean overdue;
    synchronized (lock) {
      overdue = !gone && !(ended ? passOver(arrived) : take(arrived));
    }
    if (overdue) {
      reset();
    }
  }

  @Override
  public void inboundMessageRead(int number, long wireBytes, long uncompressedBytes) {
    synchronized (lock) {
      if (ended || gone) {
        return;
      }
      whole.add(taken);
      taken = 0;
      bytes = 0;
      pieces = 0;
      // The only message is handed on once the client has said that it is.
      awaited = oneMessage;
    }
  }

  /** The client has said that nothing more comes. */
  void halfClosed() {
    synchronized (lock) {
      awaited = false;
    }
  }

  /** The first of the whole messages is its reader's from here on. */
  void handedOn() {
    synchronized (lock) {
      all.budget().giveBack(tenant, whole.remove());
    }
  }

  @Override
  public void streamClosed(Status status) {
    synchronized (lock) {
      gone = true;
      all.budget().giveBack(tenant, taken + whole.removeAll());
      taken = 0;
      all.passOver(-passedOver);
      all.ended(this);
    }
  }

  /** Ends the call where it has been waited for too long, or its end has not been sent. */
  void look() {
    boolean overdue;
    synchronized (lock) {
      overdue = !gone && (ended || (awaited && isLate()));
    }
    if (overdue) {
      reset();
    }
  }

  /** Does it unless the call was ended here. */
  void unlessEnded(Runnable answer) {
    synchronized (lock) {
      if (!ended) {
        answer.run();
      }
    }
  }

  /** The call's last answer, unless it was ended here. */
  void answer(Runnable last) {
    synchronized (lock) {
      if (!ended) {
        answered = true;
        last.run();
      }
    }
  }

  /** Whether it was ended here. */
  boolean isEnded() {
    synchronized (lock) {
      return ended;
    }
  }

  /** Whether it was ended here before it had its last answer. */
  boolean isCutOff() {
    synchronized (lock) {
      return ended && !answered;
    }
  }

  /** False where too much is. */
  private boolean passOver(long arrived) {
    passedOver += arrived;
    return all.passOver(arrived) && passedOver <= PASSED_OVER_BYTES_MAX;
  }

  /** False where there is no room and the client can't be told. */
  private boolean take(long arrived) {
    pace.arrived(all.nowNanos());
    bytes += arrived;
    pieces++;
    long more = Math.max(bytes, pieces * PIECE_BYTES_MIN) - taken;
    if (more <= 0) {
      return true;
    }
    try {
      all.budget().take(tenant, more);
    } catch (TrimtabException refusal) {
      return end(refusal);
    }
    taken += more;
    return true;
  }

  /** Whether it is late and the client can't be told. */
  private boolean isLate() {
    return pace.late(all.nowNanos())
        .map(why -> !end(new TrimtabException(ErrorCode.DEADLINE_EXCEEDED, why)))
        .orElse(false);
  }

  /** Whether the client is told why. */
  private boolean end(TrimtabException why) {
    ended = true;
    if (call == null || answered) {
      return false;
    }
    try {
      call.close(StatusMapping.toError(why).getStatus(), new Metadata());
      return true;
    } catch (RuntimeException _) {
      // Whoever stands around the interceptors may have answered. And what leaves here would fail
      // the connection's other calls.
      return false;
    }
  }

  /** Ends the stream as a deadline does, which waits for nothing. Not under the lock. */
  private void reset() {
    Context.CancellableContext known = stream;
    if (known != null) {
      known.cancel(new TimeoutException("The end of the call could not be sent"));
    }
  }
}
