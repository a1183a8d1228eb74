package io.trimtab.tuning.job;

import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.TextConfig;
import io.trimtab.tuning.job.TrainingSequence.PlacedPicture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Whether sequences fit the model and the pictures that lie beside them. */
final class SequenceCheck {
  private final TextConfig text;
  private final Path pictures;
  private final Map<String, Integer> pictureTokens = new HashMap<>();

  SequenceCheck(TextConfig text, Path pictures) {
    this.text = text;
    this.pictures = pictures;
  }

  void require(TrainingSequence sequence) throws IOException {
    int length = sequence.tokens().length;
    if (length > text.maxPositionEmbeddings()) {
      throw wrong(
          sequence,
          "has %d tokens, the model takes %d".formatted(length, text.maxPositionEmbeddings()));
    }
    for (int token : sequence.tokens()) {
      if (token < 0 || token >= text.vocabularySize()) {
        throw wrong(
            sequence,
            "has the token %d, expected 0 to %d".formatted(token, text.vocabularySize() - 1));
      }
    }
    int before = 0;
    for (PlacedPicture picture : sequence.pictures()) {
      // The answer is text: a picture in it could not be the target of a loss.
      if (picture.start() < before
          || picture.length() < 1
          || picture.length() > sequence.promptTokens() - picture.start()) {
        throw wrong(
            sequence,
            "has a picture of %d tokens from %d, expected it between %d and the prompt's end at %d"
                .formatted(picture.length(), picture.start(), before, sequence.promptTokens()));
      }
      before = picture.start() + picture.length();
      int tokens = tokens(picture.sha256());
      if (tokens != picture.length()) {
        throw wrong(
            sequence,
            "has %d tokens for picture %s, which makes %d"
                .formatted(picture.length(), picture.sha256(), tokens));
      }
    }
  }

  private int tokens(String sha256) throws IOException {
    Integer known = pictureTokens.get(sha256);
    if (known == null) {
      known = PictureFile.tokens(PictureFile.in(pictures, sha256));
      pictureTokens.put(sha256, known);
    }
    return known;
  }

  private static TrimtabException wrong(TrainingSequence sequence, String what) {
    return TrimtabException.invalid("Sequence %s %s".formatted(Quoted.of(sequence.id()), what));
  }
}
