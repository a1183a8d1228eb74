package io.trimtab.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.google.protobuf.ByteString;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.FeedbackRequest;
import io.trimtab.v1.Image;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line of a feedback file: one JSON object of a correction. What is not said is null.
 *
 * @param image path of the picture, from the file's folder
 * @param rating -1 to 1
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record FeedbackLine(
    @JsonProperty("id") @Nullable String id,
    @JsonProperty("adapter") @Nullable String adapter,
    @JsonProperty("prediction") @Nullable String prediction,
    @JsonProperty("image") @Nullable String image,
    @JsonProperty("question") @Nullable String question,
    @JsonProperty("answer") @Nullable String answer,
    @JsonProperty("correction") @Nullable String correction,
    @JsonProperty("rating") @Nullable Float rating,
    @JsonProperty("tags") @Nullable List<String> tags) {

  /**
   * The request that it stands for.
   *
   * @param folder that the picture's path starts from
   */
  FeedbackRequest request(Path folder) throws IOException {
    FeedbackRequest.Builder request = FeedbackRequest.newBuilder();
    if (question != null || image != null) {
      request.addMessages(message(folder));
    }
    if (rating != null) {
      request.setRating(rating);
    }
    if (tags != null) {
      request.addAllTags(tags);
    }
    return request
        .setFeedbackId(orEmpty(id))
        .setAdapter(orEmpty(adapter))
        .setPredictionId(orEmpty(prediction))
        .setAnswer(orEmpty(answer))
        .setCorrection(orEmpty(correction))
        .build();
  }

  private Message message(Path folder) throws IOException {
    Message.Builder message = Message.newBuilder().setRole("user");
    if (image != null) {
      Path file = folder.resolve(image);
      if (!Files.isRegularFile(file)) {
        throw TrimtabException.invalid("There is no picture %s".formatted(file));
      }
      message.addParts(
          Part.newBuilder()
              .setImage(Image.newBuilder().setData(ByteString.copyFrom(Files.readAllBytes(file)))));
    }
    if (question != null) {
      message.addParts(Part.newBuilder().setText(question));
    }
    return message.build();
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
