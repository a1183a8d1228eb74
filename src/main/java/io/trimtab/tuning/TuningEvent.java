package io.trimtab.tuning;

import io.trimtab.error.ErrorCode;
import io.trimtab.tuning.job.TuningListener;

/** What a trainer says while it works; of the last two it says one, and then no more. */
sealed interface TuningEvent {
  /** The model is open; training begins or goes on behind that many updates. */
  record Ready(int step) implements TuningEvent {}

  /** A micro-batch is done: nothing but a sign of life, so that silence has a meaning. */
  record Working(int step) implements TuningEvent {}

  /** It was paused, and stands before its next micro-batch. */
  record Held(int step) implements TuningEvent {}

  record Stepped(TuningListener.Step step) implements TuningEvent {}

  record Validated(TuningListener.Validation validation) implements TuningEvent {}

  record Finished(TuningListener.Outcome outcome) implements TuningEvent {}

  record Failed(ErrorCode code, String message) implements TuningEvent {}
}
