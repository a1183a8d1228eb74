package io.trimtab.tuning;

/** What a trainer is told. */
enum TuningCommand {
  PAUSE,
  RESUME,
  STOP
}
