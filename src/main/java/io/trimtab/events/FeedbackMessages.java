package io.trimtab.events;

import com.google.protobuf.ByteString;
import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adapter.AdapterId;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.v1.FeedbackRequest;
import io.trimtab.v1.Image;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * Feedback between the wire contract's words and ours. Names and pictures' places are checked here,
 * the contents by whoever takes the feedback in. Blocks on the disk for pictures by digest. Any
 * thread.
 */
public final class FeedbackMessages {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-fA-F]{64}");

  private final SentPictures pictures;
  private final EventLimits limits;

  public FeedbackMessages(SentPictures pictures, EventLimits limits) {
    this.pictures = pictures;
    this.limits = limits;
  }

  /**
   * Whose feedback a request is.
   *
   * @param tenant the sender's
   * @throws TrimtabException INVALID_ARGUMENT
   */
  static AdapterId adapter(FeedbackRequest request, String tenant) {
    String name = request.getAdapter();
    return new AdapterId(tenant, name.isEmpty() ? AdapterId.DEFAULT_NAME : name);
  }

  /**
   * The feedback that a request is.
   *
   * @param tenant the sender's
   * @param idWhenNone its id where the request has none
   * @throws TrimtabException INVALID_ARGUMENT for what can't be feedback, NOT_FOUND for a digest
   *     that the tenant has sent no picture of, and what the store throws
   */
  public Feedback read(FeedbackRequest request, String tenant, String idWhenNone) {
    AdapterId adapter = adapter(request, tenant);
    List<ChatMessage> messages = new ArrayList<>(request.getMessagesCount());
    for (int i = 0; i < request.getMessagesCount(); i++) {
      messages.add(message(request.getMessages(i), tenant, "messages[%d]".formatted(i)));
    }
    String prediction = request.getPredictionId();
    return new Feedback(
        request.getFeedbackId().isEmpty() ? idWhenNone : request.getFeedbackId(),
        adapter,
        prediction.isEmpty() ? Optional.empty() : Optional.of(prediction),
        messages,
        request.getAnswer(),
        request.getCorrection(),
        request.hasRating() ? OptionalDouble.of(request.getRating()) : OptionalDouble.empty(),
        request.getTagsList());
  }

  /**
   * The request that a piece of feedback is. Pictures that are too large to travel are kept first
   * and named by their digest; so are those beyond half of what a record may have.
   *
   * @throws TrimtabException what the store throws
   */
  FeedbackRequest write(Feedback feedback) {
    FeedbackRequest.Builder request =
        FeedbackRequest.newBuilder()
            .setFeedbackId(feedback.id())
            .setTenant(feedback.adapter().tenant())
            .setAdapter(feedback.adapter().name())
            .setAnswer(feedback.answer())
            .setCorrection(feedback.correction())
            .addAllTags(feedback.tags());
    feedback.predictionId().ifPresent(request::setPredictionId);
    feedback.rating().ifPresent(rating -> request.setRating((float) rating));
    long room = limits.recordBytesMax() / 2;
    for (ChatMessage message : feedback.messages()) {
      Message.Builder written = request.addMessagesBuilder().setRole(message.role().wireName());
      for (ContentPart part : message.parts()) {
        switch (part) {
          case TextPart(String text) -> written.addPartsBuilder().setText(text);
          case PicturePart(Picture picture) -> {
            long bytes = picture.encoded().length;
            boolean inline = bytes <= limits.inlinePictureBytes() && bytes <= room;
            room -= inline ? bytes : 0;
            written
                .addPartsBuilder()
                .setImage(inline ? inline(picture) : kept(feedback.adapter().tenant(), picture));
          }
        }
      }
    }
    return request.build();
  }

  private static Image inline(Picture picture) {
    return Image.newBuilder().setData(ByteString.copyFrom(picture.encoded())).build();
  }

  private Image kept(String tenant, Picture picture) {
    return Image.newBuilder().setSha256(pictures.keep().apply(tenant, picture).sha256()).build();
  }

  private ChatMessage message(Message message, String tenant, String place) {
    List<ContentPart> parts = new ArrayList<>(message.getPartsCount());
    for (int i = 0; i < message.getPartsCount(); i++) {
      parts.add(part(message.getParts(i), tenant, "%s.parts[%d]".formatted(place, i)));
    }
    return new ChatMessage(role(message.getRole(), place), parts);
  }

  private static Role role(String name, String place) {
    for (Role role : Role.values()) {
      if (role.wireName().equals(name)) {
        return role;
      }
    }
    throw TrimtabException.invalid(
        "%s.role is %s, expected system, user or assistant".formatted(place, Quoted.of(name)));
  }

  private ContentPart part(Part part, String tenant, String place) {
    return switch (part.getPartCase()) {
      case TEXT -> new TextPart(part.getText());
      case IMAGE -> new PicturePart(picture(part.getImage(), tenant, place + ".image"));
      case PART_NOT_SET ->
          throw TrimtabException.invalid(place + " is empty, expected text or an image");
    };
  }

  private Picture picture(Image image, String tenant, String place) {
    return switch (image.getSourceCase()) {
      case DATA -> {
        if (image.getData().isEmpty()) {
          throw TrimtabException.invalid(place + ".data is empty, expected an encoded picture");
        }
        yield Picture.of(image.getData().toByteArray());
      }
      case SHA256 -> found(image.getSha256(), tenant, place);
      case SOURCE_NOT_SET ->
          throw TrimtabException.invalid(place + " has no source, expected data or sha256");
    };
  }

  private Picture found(String digest, String tenant, String place) {
    if (!SHA256.matcher(digest).matches()) {
      throw TrimtabException.invalid(
          "%s.sha256 is %s, expected 64 hex digits".formatted(place, Quoted.of(digest)));
    }
    return pictures
        .find()
        .apply(tenant, digest.toLowerCase(Locale.ROOT))
        .orElseThrow(
            () ->
                new TrimtabException(
                    ErrorCode.NOT_FOUND,
                    "%s: no picture %s is kept here; send the picture itself as data"
                        .formatted(place, digest)));
  }
}
