package io.trimtab.adaptation.feedback;

/** Limits that differ from the defaults in one number. */
final class FeedbackChecks {
  private FeedbackChecks() {}

  static FeedbackLimits withExamplesMax(int examplesMax) {
    FeedbackLimits limits = FeedbackLimits.defaults();
    return new FeedbackLimits(
        limits.idCharactersMax(),
        limits.correctionCharactersMax(),
        limits.textCharactersMax(),
        limits.messagesMax(),
        limits.picturesMin(),
        limits.picturesMax(),
        limits.pictures(),
        limits.tagsMax(),
        limits.tagCharactersMax(),
        examplesMax,
        limits.specialTokens());
  }
}
