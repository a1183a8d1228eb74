package io.trimtab.serving.openai;

/** Where the bytes of a stream go. Called on one thread: that of the client's connection. */
interface EventSink {
  /** Whether more is on its way to the client already than its connection takes. */
  boolean isFull();

  /** Whether nobody can be written to any more. */
  boolean isClosed();

  void write(byte[] events);

  /** Writes the last bytes and ends the response. */
  void end(byte[] events);
}
