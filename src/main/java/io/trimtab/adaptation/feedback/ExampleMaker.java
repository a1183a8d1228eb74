package io.trimtab.adaptation.feedback;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.time.Clock;
import java.util.List;

/** Joins feedback with the prediction or the pictures that it is about. Any thread. */
record ExampleMaker(
    TenantPictures pictures, Predictions predictions, FeedbackCheck check, Clock clock) {
  /**
   * The example of checked feedback, whose pictures are kept when this returns.
   *
   * @throws TrimtabException INVALID_ARGUMENT for a prediction that is not there or no use
   */
  Example example(Feedback feedback) {
    String tenant = feedback.adapter().tenant();
    if (feedback.predictionId().isEmpty()) {
      return joined(
          feedback,
          new Conversations(pictures).keep(tenant, feedback.messages()),
          feedback.answer());
    }
    Prediction prediction = prediction(tenant, feedback.predictionId().get());
    check.checkPictures(
        prediction.conversation().stream()
            .flatMap(message -> message.parts().stream())
            .filter(KeptMessage.PictureBlob.class::isInstance)
            .count());
    for (String sha256 : Conversations.digests(prediction.conversation())) {
      if (!pictures.keepOn(tenant, sha256)) {
        throw expired(prediction.predictionId());
      }
    }
    return joined(feedback, prediction.conversation(), prediction.answer());
  }

  /** Whether an example was made of this feedback, or of the same told before. */
  static boolean isOf(Example example, Feedback feedback) {
    boolean sameWords =
        example.adapter().equals(feedback.adapter())
            && example.correction().equals(feedback.correction())
            && example.rating().equals(feedback.rating())
            && example.tags().equals(feedback.tags());
    return sameWords && isAboutTheSame(example, feedback);
  }

  private static boolean isAboutTheSame(Example example, Feedback feedback) {
    if (feedback.predictionId().isPresent()) {
      // What a prediction said is the prediction's, whatever comes beside its id.
      return example.predictionId().equals(feedback.predictionId());
    }
    // Also of a prediction: told again with its conversation, as an export has it.
    return example.answer().equals(feedback.answer())
        && example.conversation().equals(Conversations.named(feedback.messages()));
  }

  private Example joined(Feedback feedback, List<KeptMessage> conversation, String answer) {
    return new Example(
        feedback.adapter(),
        feedback.id(),
        feedback.predictionId(),
        conversation,
        answer,
        feedback.correction(),
        feedback.rating(),
        feedback.tags(),
        clock.instant());
  }

  private Prediction prediction(String tenant, String predictionId) {
    return switch (predictions.find(tenant, predictionId)) {
      case FoundPrediction.Present(Prediction prediction) -> prediction;
      case FoundPrediction.Expired() -> throw expired(predictionId);
      case FoundPrediction.Unknown() ->
          throw new TrimtabException(
              ErrorCode.NOT_FOUND,
              "No prediction %s is kept: it was made without retain, or had to make room"
                  .formatted(Quoted.of(predictionId)));
    };
  }

  private static TrimtabException expired(String predictionId) {
    return TrimtabException.invalid(
        "The prediction %s has expired; send the conversation itself"
            .formatted(Quoted.of(predictionId)));
  }
}
