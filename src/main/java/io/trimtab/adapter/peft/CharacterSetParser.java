package io.trimtab.adapter.peft;

import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the parts of a pattern that stand for one character: literals, escapes and classes. */
final class CharacterSetParser {
  /** Whether a letter also stands for its other case. */
  enum LetterCase {
    AS_WRITTEN,
    EITHER
  }

  private static final Pattern HEX = Pattern.compile("x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})");

  private final PatternCursor cursor;
  private final LetterCase letterCase;

  CharacterSetParser(PatternCursor cursor, LetterCase letterCase) {
    this.cursor = cursor;
    this.letterCase = letterCase;
  }

  BitSet literal(char character) {
    return cased(AsciiSets.range(character, character));
  }

  /** What follows a backslash. */
  BitSet escaped() {
    return cased(escapedAsWritten());
  }

  /** What follows an opening bracket, up to the closing one. */
  BitSet characterClass() {
    boolean negated = cursor.takes("^");
    BitSet characters = new BitSet();
    for (int items = 0; ; items++) {
      if (cursor.atEnd()) {
        throw cursor.wrong("has a [ without its ]");
      }
      // A ] that comes first stands for itself.
      if (items > 0 && cursor.takes("]")) {
        break;
      }
      characters.or(item());
    }
    BitSet cased = cased(characters);
    return negated ? AsciiSets.complement(cased) : cased;
  }

  private BitSet cased(BitSet characters) {
    return switch (letterCase) {
      case AS_WRITTEN -> characters;
      case EITHER -> AsciiSets.bothCases(characters);
    };
  }

  /** One character or a range of them. */
  private BitSet item() {
    BitSet first = one();
    // A hyphen that comes last stands for itself.
    if (cursor.sees("-]") || !cursor.takes("-")) {
      return first;
    }
    if (cursor.atEnd()) {
      throw cursor.wrong("has a [ without its ]");
    }
    BitSet last = one();
    if (first.cardinality() != 1 || last.cardinality() != 1 || first.length() > last.length()) {
      throw cursor.wrong("has a range in [] that is none");
    }
    return AsciiSets.range(first.length() - 1, last.length() - 1);
  }

  private BitSet one() {
    if (cursor.takes("\\")) {
      return escapedAsWritten();
    }
    char literal = cursor.next();
    return AsciiSets.range(literal, literal);
  }

  private BitSet escapedAsWritten() {
    if (cursor.atEnd()) {
      throw cursor.wrong("ends with a backslash");
    }
    Matcher hex = cursor.match(HEX);
    if (hex.lookingAt()) {
      cursor.skip(hex.end());
      int code = Integer.parseInt(hex.group(1) == null ? hex.group(2) : hex.group(1), 16);
      return AsciiSets.range(code, code);
    }
    char escaped = cursor.next();
    return switch (escaped) {
      case 'd' -> AsciiSets.DIGIT;
      case 'D' -> AsciiSets.complement(AsciiSets.DIGIT);
      case 'w' -> AsciiSets.WORD;
      case 'W' -> AsciiSets.complement(AsciiSets.WORD);
      case 's' -> AsciiSets.SPACE;
      case 'S' -> AsciiSets.complement(AsciiSets.SPACE);
      case 't' -> AsciiSets.range('\t', '\t');
      case 'n' -> AsciiSets.range('\n', '\n');
      case 'r' -> AsciiSets.range('\r', '\r');
      default -> {
        if (AsciiSets.WORD.get(escaped) && escaped != '_') {
          throw cursor.wrong("has the escape \\%s, which is not served".formatted(escaped));
        }
        yield AsciiSets.range(escaped, escaped);
      }
    };
  }
}
