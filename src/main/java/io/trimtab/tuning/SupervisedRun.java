package io.trimtab.tuning;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.TrainerChild.Signal;
import io.trimtab.tuning.TuningEvent.Failed;
import io.trimtab.tuning.TuningEvent.Finished;
import io.trimtab.tuning.TuningEvent.Held;
import io.trimtab.tuning.TuningEvent.Ready;
import io.trimtab.tuning.TuningEvent.Stepped;
import io.trimtab.tuning.TuningEvent.Validated;
import io.trimtab.tuning.TuningEvent.Working;
import io.trimtab.tuning.job.JobFolder;
import io.trimtab.tuning.job.TuningListener;
import io.trimtab.tuning.job.TuningRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A job and the processes that train it, one after another: each that dies without a word is
 * followed, after a pause, by one that goes on from its checkpoint, until too many in a row have
 * died at the same one. One thread of its own does all of it and calls the listener; the calls of
 * {@link TuningRun} leave it a wish and return.
 */
final class SupervisedRun implements TuningRun {
  private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

  /** A process that a signal ended has this and the signal as its exit code. */
  private static final int SIGNAL_BASE = 128;

  private static final int SIGKILL = 9;

  private enum Wish {
    RUN,
    PAUSE,
    STOP,
    /** The server closes: the process is killed, and nobody is told that the job is over. */
    LEAVE
  }

  private static final System.Logger LOG = System.getLogger(SupervisedRun.class.getName());

  private final Path folder;
  private final TrainerCommand command;
  private final TuningProcessOptions options;
  private final TuningListener listener;

  /** Guarded by this. */
  private Wish wish = Wish.RUN;

  /** Trainers that died since one went on from a later step than all before; the thread's. */
  private int deaths;

  /** The latest step that a trainer went on from; the thread's. */
  private int resumedStep;

  private volatile @Nullable TrainerChild child;

  /** Whether the process has said that it stands, and was not told to go on since. */
  private volatile boolean standing;

  SupervisedRun(Path folder, TrainerCommand command, TuningListener listener) {
    this.folder = folder;
    this.command = command;
    this.options = command.options();
    this.listener = listener;
  }

  @Override
  public void pause() {
    wish(Wish.PAUSE);
  }

  @Override
  public void resume() {
    standing = false;
    wish(Wish.RUN);
  }

  @Override
  public boolean isHeld() {
    return standing;
  }

  @Override
  public void stop() {
    wish(Wish.STOP);
  }

  /** Kills the process at once; the listener hears nothing more, and the job can go on later. */
  void leave() {
    wish(Wish.LEAVE);
    TrainerChild running = child;
    if (running != null) {
      running.kill();
    }
  }

  private void wish(Wish next) {
    synchronized (this) {
      if (wish == Wish.RUN || wish == Wish.PAUSE || next == Wish.LEAVE) {
        wish = next;
        notifyAll();
      }
    }
    TrainerChild running = child;
    if (running != null) {
      running.wake();
    }
  }

  private synchronized Wish wish() {
    return wish;
  }

  private synchronized boolean isOver() {
    return wish == Wish.STOP || wish == Wish.LEAVE;
  }

  /** Returns after so long, or when the job is stopped or left. */
  private synchronized void rest(Duration pause) throws InterruptedException {
    long until = System.nanoTime() + pause.toNanos();
    for (long left = pause.toNanos(); left > 0 && !isOver(); left = until - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  /** How a process ended. */
  private sealed interface Ending {
    /** It said what there was to say. */
    record Told(TuningEvent last) implements Ending {}

    record Died(String how, boolean likelyOutOfMemory) implements Ending {}
  }

  /** Sees to the job until it is over. Whatever goes wrong here is heard of as its failure. */
  void supervise() {
    try {
      train();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      fail(new TrimtabException(ErrorCode.INTERNAL, "No trainer can be started: " + e, e));
    } catch (RuntimeException | Error e) {
      // Without this, whoever waits for the job's end would wait for ever.
      LOG.log(
          System.Logger.Level.ERROR, "The trainer of %s is no longer heard".formatted(folder), e);
      fail(new TrimtabException(ErrorCode.INTERNAL, "The trainer is no longer heard: " + e, e));
      if (e instanceof Error error) {
        throw error;
      }
    }
  }

  private void fail(TrimtabException reason) {
    if (wish() != Wish.LEAVE) {
      listener.failed(reason);
    }
  }

  private void train() throws IOException, InterruptedException {
    if (!JobFolder.isSealed(folder)) {
      listener.failed(TrimtabException.invalid("%s is no sealed job".formatted(folder)));
      return;
    }
    while (true) {
      Ending ending = isOver() ? new Ending.Died("", false) : trainOnce();
      if (wish() == Wish.LEAVE) {
        return;
      }
      switch (ending) {
        case Ending.Told told -> {
          tell(told.last());
          return;
        }
        case Ending.Died died -> {
          if (wish() == Wish.STOP) {
            listener.failed(new TrimtabException(ErrorCode.CANCELLED, "The tuning was stopped"));
            return;
          }
          if (++deaths > options.restartPauses().size()) {
            listener.failed(failure(died));
            return;
          }
          rest(options.restartPauses().get(deaths - 1));
        }
      }
    }
  }

  private TrimtabException failure(Ending.Died died) {
    ErrorCode code = died.likelyOutOfMemory() ? ErrorCode.RESOURCE_EXHAUSTED : ErrorCode.INTERNAL;
    return new TrimtabException(
        code,
        "The trainer died %d times in a row, the last time it %s".formatted(deaths, died.how()));
  }

  private Ending trainOnce() throws IOException, InterruptedException {
    TrainerChild started = TrainerChild.start(command.builder(folder));
    try {
      standing = false;
      child = started;
      return attend(started);
    } finally {
      child = null;
      started.kill();
      started.end(options.stopGrace());
    }
  }

  private Ending attend(TrainerChild trainer) throws InterruptedException {
    Wish told = Wish.RUN;
    long askedToStop = 0;
    long silentNanos = 0;
    long looked = System.nanoTime();
    while (true) {
      Wish wished = wish();
      if (wished != told) {
        tell(trainer, wished);
        told = wished;
        askedToStop = System.nanoTime();
      }
      Signal signal = trainer.next(Math.min(LOOK_NANOS, options.silenceMax().toNanos()));
      long now = System.nanoTime();
      // Only what it could have used to speak counts as silence.
      silentNanos += told == Wish.PAUSE ? 0 : now - looked;
      looked = now;
      switch (signal) {
        case Signal.Woken() -> {}
        case Signal.Ended(int exitCode) -> {
          return died(trainer, exitCode);
        }
        case Signal.Said(TuningEvent event) -> {
          silentNanos = 0;
          if (event instanceof Finished || event instanceof Failed) {
            // It gives its memory back before the next job hears that it may begin.
            trainer.end(options.stopGrace());
            return new Ending.Told(event);
          }
          if (event instanceof Held) {
            standing = wish() == Wish.PAUSE;
          }
          tell(event);
        }
      }
      if (told == Wish.STOP && now - askedToStop > options.stopGrace().toNanos()) {
        return new Ending.Died("did not stop", false);
      }
      if (told == Wish.LEAVE) {
        return new Ending.Died("was left", false);
      }
      if (silentNanos > options.silenceMax().toNanos()) {
        return new Ending.Died(
            "said nothing for %s; before that: %s"
                .formatted(options.silenceMax(), trainer.lastLines()),
            false);
      }
    }
  }

  private static void tell(TrainerChild trainer, Wish wish) {
    switch (wish) {
      case RUN -> trainer.tell(TuningCommand.RESUME);
      case PAUSE -> trainer.tell(TuningCommand.PAUSE);
      case STOP -> trainer.tell(TuningCommand.STOP);
      case LEAVE -> trainer.kill();
    }
  }

  private static Ending died(TrainerChild trainer, int exitCode) {
    int signal = exitCode - SIGNAL_BASE;
    String lines = trainer.lastLines();
    String how = signal > 0 ? "ended by signal %d".formatted(signal) : "ended with " + exitCode;
    String said = lines.isEmpty() ? "nothing" : lines;
    // Linux kills with SIGKILL when memory runs out.
    boolean outOfMemory = signal == SIGKILL || Failures.saysOutOfMemory(lines);
    String hint =
        outOfMemory ? " (most likely out of memory, %s)".formatted(Failures.MORE_MEMORY) : "";
    return new Ending.Died("%s%s; it said: %s".formatted(how, hint, said), outOfMemory);
  }

  private void tell(TuningEvent event) {
    switch (event) {
      case Ready(int step) -> {
        if (step > resumedStep) {
          resumedStep = step;
          deaths = 0;
        }
      }
      case Working working -> {}
      case Held held -> {}
      case Stepped stepped -> listener.step(stepped.step());
      case Validated validated -> listener.validated(validated.validation());
      case Finished finished -> listener.finished(finished.outcome());
      case Failed failed -> listener.failed(new TrimtabException(failed.code(), failed.message()));
    }
  }
}
