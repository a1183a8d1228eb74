package io.trimtab.cli.feedback;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.FeedbackRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line of a feedback file: one JSON object of a correction. What is not said is null.
 *
 * @param image the picture of the one question, as {@link LineMessage.Part} has it
 * @param question asked of the model in one turn
 * @param messages the conversation where it is more than a picture and a question; then these two
 *     are null
 * @param rating -1 to 1
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record FeedbackLine(
    @JsonProperty("id") @Nullable String id,
    @JsonProperty("adapter") @Nullable String adapter,
    @JsonProperty("prediction") @Nullable String prediction,
    @JsonProperty("image") @Nullable String image,
    @JsonProperty("question") @Nullable String question,
    @JsonProperty("messages") @JsonSetter(contentNulls = Nulls.FAIL)
        @Nullable List<LineMessage> messages,
    @JsonProperty("answer") @Nullable String answer,
    @JsonProperty("correction") @Nullable String correction,
    @JsonProperty("rating") @Nullable Float rating,
    @JsonProperty("tags") @Nullable List<String> tags) {

  /**
   * The request that it stands for.
   *
   * @param folder that pictures' paths start from
   * @throws TrimtabException INVALID_ARGUMENT for a conversation that can't be one, or a picture
   *     that is not there
   */
  FeedbackRequest request(Path folder) throws IOException {
    FeedbackRequest.Builder request = FeedbackRequest.newBuilder();
    for (LineMessage message : conversation()) {
      request.addMessages(message.message(folder));
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

  private List<LineMessage> conversation() {
    boolean brief = image != null || question != null;
    if (messages != null && brief) {
      throw TrimtabException.invalid(
          "messages came beside image or question, expected the one or the others");
    }
    if (messages != null) {
      return messages;
    }
    return brief ? List.of(LineMessage.asking(image, question)) : List.of();
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
