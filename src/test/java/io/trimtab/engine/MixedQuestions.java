package io.trimtab.engine;

import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.Role;
import java.util.ArrayList;
import java.util.List;

/** Questions of mixed lengths: one picture, two, none, and a conversation of several turns. */
final class MixedQuestions {
  private static final int COUNT = 24;

  /** Pictures in all, each in several questions: the vision tower is not what is tested. */
  private static final int PICTURES = 6;

  private MixedQuestions() {}

  /** Greedy, each of another length, 6 to 31 tokens. */
  static List<Question> of(String checkpoint) {
    List<SampleQuestion> samples = SampleQuestion.of(checkpoint);
    List<Question> questions = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      questions.add(mixed(samples, i).greedy(6 + 5 * (i % 6)));
    }
    return questions;
  }

  private static Question mixed(List<SampleQuestion> samples, int i) {
    SampleQuestion sample = samples.get(i);
    Picture picture = samples.get(i % PICTURES).picture();
    Picture other = samples.get((i + 3) % PICTURES).picture();
    return switch (i % 4) {
      case 0 -> Question.of(sample.text(), picture);
      case 1 -> Question.of("Say 9:30. ".repeat(1 + i) + sample.text());
      case 2 -> Question.of(sample.text(), picture, other);
      default ->
          new Question(
              List.of(
                  Question.user(sample.text(), picture),
                  ChatMessage.text(Role.ASSISTANT, sample.expected()),
                  Question.user("Are you sure?")),
              SamplingParameters.greedy(1));
    };
  }
}
