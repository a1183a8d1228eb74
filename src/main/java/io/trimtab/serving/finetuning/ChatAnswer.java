package io.trimtab.serving.finetuning;

import io.trimtab.model.text.ChatMessage;
import java.util.List;

/**
 * One answer of a training file that is to be learnt.
 *
 * @param line of the file, from 1
 * @param turn of the line's answers, from 1
 * @param conversation the messages before it
 * @param answer what the model should say
 */
record ChatAnswer(int line, int turn, List<ChatMessage> conversation, String answer) {
  ChatAnswer {
    conversation = List.copyOf(conversation);
  }
}
