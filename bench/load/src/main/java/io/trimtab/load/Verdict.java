package io.trimtab.load;

import java.util.Set;

/** What a reply is, against what was expected. */
sealed interface Verdict {
  /** As it has to be. */
  record Right() implements Verdict {}

  /** An answer, and not the one. */
  record Wrong(String what) implements Verdict {}

  /**
   * None.
   *
   * @param reason the class of the error
   */
  record Failed(String reason) implements Verdict {
    /** Whether the server only said that it has too much to do. */
    boolean isOverload() {
      return OVERLOAD.contains(reason);
    }
  }

  Set<String> OVERLOAD = Set.of("429", "RESOURCE_EXHAUSTED");

  /** What the server says of a revision that is served to nobody. */
  Set<String> TAKEN = Set.of("409", "FAILED_PRECONDITION");

  Set<String> DONE = Set.of("200", Reply.OK);

  static Verdict ofAnswer(Target target, Reply reply) {
    if (!DONE.contains(reply.code())) {
      return new Failed(reply.code());
    }
    return reply.text().equals(target.answer())
        ? new Right()
        : new Wrong(
            "%s of %s said '%s' to '%s', expected '%s'"
                .formatted(
                    target.model(),
                    target.tenant(),
                    reply.text(),
                    target.question().text(),
                    target.answer()));
  }

  /** Of a call whose end alone counts. */
  static Verdict ofCode(String what, String expected, Reply reply) {
    if (reply.code().equals(expected)) {
      return new Right();
    }
    return OVERLOAD.contains(reply.code())
        ? new Failed(reply.code())
        : new Wrong(
            "%s ended as %s (%s), expected %s"
                .formatted(what, reply.code(), reply.text(), expected));
  }
}
