package io.trimtab.drift;

import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The words that a question is asked in, each once, as 64-bit hashes: what kind of question it is
 * is told by these. Words are runs of letters in small letters; any number is the same word.
 *
 * @param keys in no order; at most {@value #WORDS_MAX}
 */
public record QuestionWords(Set<Long> keys) {
  private static final int WORDS_MAX = 64;
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  public QuestionWords {
    keys = Set.copyOf(keys);
  }

  /** Of what the user says, in all turns. */
  public static QuestionWords of(List<ChatMessage> messages) {
    Set<Long> keys = new TreeSet<>();
    for (ChatMessage message : messages) {
      if (message.role() == Role.USER) {
        message.parts().forEach(part -> {
          if (part instanceof TextPart(String text)) {
            add(text, keys);
          }
        });
      }
    }
    return new QuestionWords(keys);
  }

  private static void add(String text, Set<Long> keys) {
    String plain = text.toLowerCase(Locale.ROOT).replaceAll("\\p{Nd}+", "0");
    for (String word : plain.split("[^\\p{L}\\p{Nd}]+")) {
      if (!word.isEmpty() && keys.size() < WORDS_MAX) {
        keys.add(hash(word));
      }
    }
  }

  /** FNV-1a. */
  private static long hash(String word) {
    long hash = FNV_OFFSET;
    for (int i = 0; i < word.length(); i++) {
      hash = (hash ^ word.charAt(i)) * FNV_PRIME;
    }
    return hash;
  }
}
