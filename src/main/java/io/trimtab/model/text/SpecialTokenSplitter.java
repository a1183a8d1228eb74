package io.trimtab.model.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Cuts marked text at special tokens, as the tokenizers library does before all else: the leftmost
 * match, of several the longest, with the flags of {@link AddedToken}.
 *
 * <p>Tokens flagged {@code normalized} are looked for in the text as it stands, too; the library
 * looks for them after normalising, which differs only for a normaliser that changes their own
 * characters. Immutable.
 */
final class SpecialTokenSplitter {
  /** A stretch of text, or one special token. */
  sealed interface Section {
    /** Text without special tokens, its marks removed; {@code from} is where it began. */
    record Plain(String text, int from) implements Section {}

    record Special(int id) implements Section {}
  }

  private final Map<Character, List<AddedToken>> byFirst = new HashMap<>();

  SpecialTokenSplitter(List<AddedToken> tokens) {
    tokens.stream()
        .sorted((a, b) -> Integer.compare(b.content().length(), a.content().length()))
        .forEach(
            token ->
                byFirst
                    .computeIfAbsent(token.content().charAt(0), first -> new ArrayList<>())
                    .add(token));
  }

  List<Section> split(String marked) {
    List<Section> sections = new ArrayList<>();
    int plainFrom = 0;
    int at = 0;
    while (at < marked.length()) {
      AddedToken token = longestAt(marked, at);
      if (token == null) {
        at++;
        continue;
      }
      int end = at + token.content().length();
      if (token.singleWord() && touchesWord(marked, at, end)) {
        at = end;
        continue;
      }
      int from = token.lstrip() ? spaceBefore(marked, at, plainFrom) : at;
      int to = token.rstrip() ? spaceAfter(marked, end) : end;
      addPlain(sections, marked, plainFrom, from);
      sections.add(new Section.Special(token.id()));
      plainFrom = to;
      at = to;
    }
    addPlain(sections, marked, plainFrom, marked.length());
    return sections;
  }

  private static void addPlain(List<Section> sections, String marked, int from, int to) {
    String text = TextGuard.restore(marked.substring(from, to));
    if (!text.isEmpty()) {
      sections.add(new Section.Plain(text, from));
    }
  }

  private @Nullable AddedToken longestAt(String text, int at) {
    for (AddedToken token : byFirst.getOrDefault(text.charAt(at), List.of())) {
      if (text.startsWith(token.content(), at)) {
        return token;
      }
    }
    return null;
  }

  private static boolean touchesWord(String text, int from, int to) {
    return (from > 0 && isWord(text.codePointBefore(from)))
        || (to < text.length() && isWord(text.codePointAt(to)));
  }

  private static boolean isWord(int codePoint) {
    return codePoint == '_' || Character.isLetterOrDigit(codePoint);
  }

  private static int spaceBefore(String text, int at, int notBefore) {
    while (at > notBefore && Character.isWhitespace(text.charAt(at - 1))) {
      at--;
    }
    return at;
  }

  private static int spaceAfter(String text, int at) {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at;
  }
}
