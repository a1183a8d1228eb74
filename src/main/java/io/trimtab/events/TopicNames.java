package io.trimtab.events;

/** The topics, named from their prefix. */
record TopicNames(
    String feedback, String deadLetters, String adapters, String tuning, String drift) {
  static TopicNames of(String prefix) {
    return new TopicNames(
        prefix + ".feedback",
        prefix + ".feedback.dlq",
        prefix + ".adapters",
        prefix + ".tuning",
        prefix + ".drift");
  }
}
