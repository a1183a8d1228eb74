package io.trimtab.cli.ask;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import java.util.List;
import java.util.function.Consumer;

/**
 * A conversation held with one asker and shown by one printer.
 *
 * @param afterwards told each whole answer when it has been shown
 */
record Dialogue(
    Conversation conversation, Asker asker, AnswerPrinter printer, Consumer<Answer> afterwards) {
  /**
   * Asks and shows the answer; both become part of the conversation.
   *
   * @throws TrimtabException when there is no answer; the conversation is as before
   */
  void ask(String question) throws InterruptedException {
    List<ChatMessage> asked = conversation.asking(question);
    Answer answer;
    try {
      answer = asker.ask(asked, printer::text);
    } catch (TrimtabException e) {
      printer.broken();
      throw e;
    }
    printer.end(answer);
    conversation.answered(asked, answer.completion().text());
    afterwards.accept(answer);
  }
}
