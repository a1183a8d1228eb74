package io.trimtab.serving.finetuning;

import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adapter.AdapterId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Answers of a training file as corrections of an adapter. Their ids follow from the file, the
 * adapter and the line, so that a job that is created again counts nothing twice.
 */
final class FileCorrections {
  private static final AdapterId NOBODY = new AdapterId("default", AdapterId.DEFAULT_NAME);

  private FileCorrections() {}

  static Feedback of(String fileId, AdapterId adapter, ChatAnswer answer) {
    return feedback(
        "%s:%s:%d:%d".formatted(fileId, adapter.name(), answer.line(), answer.turn()),
        adapter,
        answer,
        List.of(fileId));
  }

  /** To be checked before there is a file or an adapter. */
  static Feedback unnamed(ChatAnswer answer) {
    return feedback("unnamed", NOBODY, answer, List.of());
  }

  private static Feedback feedback(
      String id, AdapterId adapter, ChatAnswer answer, List<String> tags) {
    return new Feedback(
        id,
        adapter,
        Optional.empty(),
        answer.conversation(),
        "",
        answer.answer(),
        OptionalDouble.empty(),
        tags);
  }
}
