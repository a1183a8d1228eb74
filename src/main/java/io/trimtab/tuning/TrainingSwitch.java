package io.trimtab.tuning;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where training stands between two micro-batches and looks whether it may go on. Any thread turns
 * it; one waits at it.
 */
final class TrainingSwitch {
  private enum Position {
    RUNNING,
    PAUSED,
    STOPPED,
    ABANDONED
  }

  /** Guards all fields. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition turned = lock.newCondition();
  private Position position = Position.RUNNING;
  private long pausedNanos;

  void pause() {
    turn(Position.PAUSED);
  }

  void resume() {
    turn(Position.RUNNING);
  }

  /** Ends training as CANCELLED, for good. */
  void stop() {
    turn(Position.STOPPED);
  }

  /** Ends training because nobody is there to hear of it, for good; see {@link #isAbandoned}. */
  void abandon() {
    turn(Position.ABANDONED);
  }

  boolean isAbandoned() {
    lock.lock();
    try {
      return position == Position.ABANDONED;
    } finally {
      lock.unlock();
    }
  }

  /** Time waited so far. */
  long pausedNanos() {
    lock.lock();
    try {
      return pausedNanos;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns at once while running, and waits while paused.
   *
   * @param held called when it begins to wait
   * @throws TrimtabException CANCELLED once stopped or abandoned
   */
  void await(Runnable held) {
    lock.lock();
    try {
      long from = System.nanoTime();
      if (position == Position.PAUSED) {
        held.run();
      }
      while (position == Position.PAUSED) {
        turned.awaitUninterruptibly();
      }
      pausedNanos += System.nanoTime() - from;
      requireWanted();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for a moment, or shorter when turned.
   *
   * @throws TrimtabException CANCELLED once stopped or abandoned
   */
  void awaitAtMost(long millis) {
    lock.lock();
    try {
      requireWanted();
      // The result says whether time is up, which makes no difference to who asks again.
      var _ = turned.await(millis, TimeUnit.MILLISECONDS);
      requireWanted();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrimtabException(ErrorCode.CANCELLED, "The trainer was interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  private void requireWanted() {
    switch (position) {
      case RUNNING, PAUSED -> {}
      case STOPPED -> throw new TrimtabException(ErrorCode.CANCELLED, "The tuning was stopped");
      case ABANDONED ->
          throw new TrimtabException(ErrorCode.CANCELLED, "The server that tuned is gone");
    }
  }

  private void turn(Position to) {
    lock.lock();
    try {
      if (position == Position.RUNNING || position == Position.PAUSED) {
        position = to;
        turned.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }
}
