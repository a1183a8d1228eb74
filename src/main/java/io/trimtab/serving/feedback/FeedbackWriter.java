package io.trimtab.serving.feedback;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.trimtab.adaptation.feedback.Example;
import io.trimtab.adaptation.feedback.ExampleState;
import io.trimtab.adaptation.feedback.KeptExample;
import io.trimtab.adaptation.feedback.KeptMessage;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.FeedbackExample;
import io.trimtab.v1.Image;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;

/** Writes kept feedback for the wire. */
final class FeedbackWriter {
  /** What becomes of a picture on the wire. */
  enum Pictures {
    BY_DIGEST,
    AS_DATA
  }

  private final TenantPictures kept;

  FeedbackWriter(TenantPictures kept) {
    this.kept = kept;
  }

  FeedbackExample example(KeptExample each, Pictures pictures) {
    Example example = each.example();
    FeedbackExample.Builder builder =
        FeedbackExample.newBuilder()
            .setFeedbackId(example.feedbackId())
            .setAdapter(example.adapter().name())
            .setPredictionId(example.predictionId().orElse(""))
            .setAnswer(example.answer())
            .setCorrection(example.correction())
            .addAllTags(example.tags())
            .setReceived(
                Timestamp.newBuilder()
                    .setSeconds(example.received().getEpochSecond())
                    .setNanos(example.received().getNano()));
    example.rating().ifPresent(rating -> builder.setRating((float) rating));
    for (KeptMessage message : example.conversation()) {
      builder.addMessages(message(example.adapter().tenant(), message, pictures));
    }
    return switch (each.state()) {
      case ExampleState.Usable _ -> builder.setState("usable").build();
      case ExampleState.RatingOnly _ -> builder.setState("rating_only").build();
      case ExampleState.Replaced(String by) -> builder.setState("replaced").setDetail(by).build();
      case ExampleState.Retracted retracted ->
          builder.setState("retracted").setDetail(retracted.reason()).build();
    };
  }

  private Message message(String tenant, KeptMessage message, Pictures pictures) {
    Message.Builder builder = Message.newBuilder().setRole(message.role().wireName());
    for (KeptMessage.Part part : message.parts()) {
      builder.addParts(
          switch (part) {
            case KeptMessage.Text(String text) -> Part.newBuilder().setText(text);
            case KeptMessage.PictureBlob(String sha256) ->
                Part.newBuilder().setImage(image(tenant, sha256, pictures));
          });
    }
    return builder.build();
  }

  private Image image(String tenant, String sha256, Pictures pictures) {
    return switch (pictures) {
      case BY_DIGEST -> Image.newBuilder().setSha256(sha256).build();
      case AS_DATA ->
          Image.newBuilder()
              .setData(
                  ByteString.copyFrom(
                      kept.find(tenant, sha256)
                          .orElseThrow(
                              () ->
                                  new TrimtabException(
                                      ErrorCode.NOT_FOUND,
                                      "The picture %s is not kept".formatted(sha256)))
                          .encoded()))
              .build();
    };
  }
}
