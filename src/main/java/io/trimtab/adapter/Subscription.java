package io.trimtab.adapter;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A listener and the events that wait for it. While any do, a virtual thread of its own delivers
 * them, so whoever tells of one never waits for a listener. With too many waiting, no more are
 * taken, and once those are delivered the listener is told RESOURCE_EXHAUSTED.
 */
public final class Subscription<E> implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Subscription.class.getName());

  private static final Runnable NOTHING = () -> {};

  /** What becomes of new events. */
  private enum Stage {
    OPEN,
    OVERFLOWED,
    CLOSED
  }

  private final int eventsMax;
  private final Subscriber<E> listener;
  private final Consumer<Subscription<E>> whenOver;

  /** Guards all below. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Deque<E> waiting = new ArrayDeque<>();
  private Stage stage = Stage.OPEN;
  private boolean delivering;

  Subscription(int eventsMax, Subscriber<E> listener, Consumer<Subscription<E>> whenOver) {
    if (eventsMax < 1) {
      throw new IllegalArgumentException(
          "eventsMax is %d, expected 1 or more".formatted(eventsMax));
    }
    this.eventsMax = eventsMax;
    this.listener = listener;
    this.whenOver = whenOver;
  }

  /** Ends it: no call begins after this, and one that is running ends by itself. */
  @Override
  public void close() {
    end(Stage.CLOSED);
  }

  /** Takes an event. Does not block. */
  void offer(E event) {
    lock.lock();
    try {
      if (stage != Stage.OPEN) {
        return;
      }
      if (waiting.size() < eventsMax) {
        waiting.addLast(event);
      } else {
        end(Stage.OVERFLOWED);
      }
      if (!delivering) {
        delivering = true;
        Thread.ofVirtual().name("events to a watcher").start(this::deliver);
      }
    } finally {
      lock.unlock();
    }
  }

  private void end(Stage last) {
    lock.lock();
    try {
      stage = last;
      if (last == Stage.CLOSED) {
        waiting.clear();
      }
    } finally {
      lock.unlock();
    }
    whenOver.accept(this);
  }

  private void deliver() {
    try {
      Runnable call;
      while ((call = next()) != NOTHING) {
        call.run();
      }
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "A watcher threw and is dropped", e);
      close();
    }
  }

  private Runnable next() {
    lock.lock();
    try {
      E event = waiting.pollFirst();
      if (event != null) {
        return () -> listener.changed(event);
      }
      if (stage == Stage.OVERFLOWED) {
        stage = Stage.CLOSED;
        return () -> listener.ended(overflow());
      }
      delivering = false;
      return NOTHING;
    } finally {
      lock.unlock();
    }
  }

  private TrimtabException overflow() {
    return new TrimtabException(
        ErrorCode.RESOURCE_EXHAUSTED,
        "More than %d events waited to be read: watch again, and read anew what they are about"
            .formatted(eventsMax));
  }
}
