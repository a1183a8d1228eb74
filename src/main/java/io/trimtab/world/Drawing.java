package io.trimtab.world;

import java.util.Arrays;
import java.util.List;

/**
 * A picture of the world with questions about it. Two are equal when their files are and their
 * questions.
 *
 * <p>The array is not copied: nobody writes to it.
 *
 * @param png the file, 96 by 96 pixels
 * @param questions in random order; none about noise
 */
@SuppressWarnings("ArrayRecordComponent") // equality is by contents; pictures are many
public record Drawing(byte[] png, List<Question> questions) {
  public Drawing {
    questions = List.copyOf(questions);
  }

  /** The same picture with no more than the first so many questions: a random choice of them. */
  public Drawing asking(int questionsMax) {
    return new Drawing(png, questions.subList(0, Math.min(questionsMax, questions.size())));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Drawing drawing
        && Arrays.equals(png, drawing.png)
        && questions.equals(drawing.questions);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(png) + questions.hashCode();
  }

  @Override
  public String toString() {
    return "Drawing[%d bytes, %s]".formatted(png.length, questions);
  }
}
