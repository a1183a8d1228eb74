package io.trimtab.cli.ask;

import java.io.PrintWriter;

/** Shows answers on the terminal. Used by one thread. */
sealed interface AnswerPrinter {
  /** A piece of the answer has come. */
  void text(String piece);

  /** The answer is whole. */
  void end(Answer answer);

  /** No more of it will come. */
  void broken();

  /** Text as it comes. */
  final class Streaming implements AnswerPrinter {
    private final PrintWriter out;
    private boolean midLine;

    Streaming(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void text(String piece) {
      out.print(piece);
      out.flush();
      midLine |= !piece.isEmpty();
    }

    @Override
    public void end(Answer answer) {
      out.println();
      out.flush();
      midLine = false;
    }

    @Override
    public void broken() {
      if (midLine) {
        out.println();
        out.flush();
        midLine = false;
      }
    }
  }

  /** One line of JSON for a whole answer, nothing for a broken one. */
  final class Json implements AnswerPrinter {
    private final PrintWriter out;

    Json(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void text(String piece) {}

    @Override
    public void end(Answer answer) {
      out.println(AnswerFormat.json(answer));
      out.flush();
    }

    @Override
    public void broken() {}
  }
}
