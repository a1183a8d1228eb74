package io.trimtab.adaptation.feedback;

/** What became of a prediction that somebody names. */
public sealed interface FoundPrediction {
  record Present(Prediction prediction) implements FoundPrediction {}

  /** Too long ago, whoever made it. */
  record Expired() implements FoundPrediction {}

  /** Never kept, another tenant's, or gone early to make room. */
  record Unknown() implements FoundPrediction {}
}
