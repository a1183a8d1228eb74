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
public record VqaExample(byte[] png, String question, String answer) {
  /** The first question of each drawing, rightly answered. */
  public static List<VqaExample> of(List<Drawing> drawings) {
    return drawings.stream()
        .map(
            drawing -> {
              Question question = drawing.questions().getFirst();
              return new VqaExample(drawing.png(), question.text(), question.answer());
            })
        .toList();
  }

  public VqaExample answered(String other) {
    return new VqaExample(png, question, other);
  }

  public VqaExample showing(byte[] other) {
    return new VqaExample(other, question, answer);
  }
}
