package io.trimtab.adaptation.feedback;

import java.time.Instant;

/** What a kept example is good for. */
public sealed interface ExampleState {
  /** It is trained on. */
  record Usable() implements ExampleState {}

  /** It says how good an answer was, and not what was right. */
  record RatingOnly() implements ExampleState {}

  /** A later correction of the same prediction is trained on in its place. */
  record Replaced(String byFeedbackId) implements ExampleState {}

  /** Somebody took it back; it is kept, and nothing is done with it. */
  record Retracted(String reason, Instant when) implements ExampleState {}
}
