package io.trimtab.load;

/** The kinds of calls, with their shares of all. */
enum Kind {
  CHAT("chat, whole", 20, First.UNSEEN),
  CHAT_STREAM("chat, streamed over HTTP/2", 30, First.SEEN),
  GENERATE("gRPC Generate", 20, First.SEEN),
  INFER("OIP ModelStreamInfer", 15, First.SEEN),
  FEEDBACK("feedback", 5, First.UNSEEN),
  BAD_HTTP("bad, HTTP", 5, First.UNSEEN),
  BAD_GRPC("bad, gRPC", 5, First.UNSEEN);

  /** Whether the first token of an answer can be told from the rest. */
  enum First {
    SEEN,
    UNSEEN
  }

  private final String label;
  private final int percent;
  private final First first;

  Kind(String label, int percent, First first) {
    this.label = label;
    this.percent = percent;
    this.first = first;
  }

  String label() {
    return label;
  }

  int percent() {
    return percent;
  }

  First first() {
    return first;
  }

  /** The kind of a sample that JMeter took, by its name. */
  static Kind of(String label) {
    for (Kind kind : values()) {
      if (kind.label.equals(label)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("No kind is named " + label);
  }
}
