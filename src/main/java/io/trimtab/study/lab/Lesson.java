package io.trimtab.study.lab;

import io.trimtab.world.Drawing;
import io.trimtab.world.Question;
import java.util.List;

/**
 * A picture, a question about it, and what is said to be the right answer.
 *
 * <p>The array is not copied: nobody writes to it.
 *
 * @param png the picture's file
 * @param answer may be wrong: that is what some candidates are spoilt by
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Lesson(byte[] png, String question, String answer) {
  /** The first question of each drawing, rightly answered. */
  public static List<Lesson> of(List<Drawing> drawings) {
    return drawings.stream()
        .map(
            drawing -> {
              Question question = drawing.questions().getFirst();
              return new Lesson(drawing.png(), question.text(), question.answer());
            })
        .toList();
  }

  public Lesson answered(String other) {
    return new Lesson(png, question, other);
  }

  public Lesson showing(byte[] other) {
    return new Lesson(other, question, answer);
  }
}
