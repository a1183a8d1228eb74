package io.trimtab.adapter;

import io.trimtab.adapter.PythonPattern.At;
import io.trimtab.adapter.PythonPattern.Direction;
import io.trimtab.adapter.PythonPattern.Done;
import io.trimtab.adapter.PythonPattern.Edge;
import io.trimtab.adapter.PythonPattern.Expectation;
import io.trimtab.adapter.PythonPattern.Jump;
import io.trimtab.adapter.PythonPattern.Look;
import io.trimtab.adapter.PythonPattern.Read;
import io.trimtab.adapter.PythonPattern.Split;
import io.trimtab.adapter.PythonPattern.Step;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Compiles a regular expression of Python's {@code re} to steps. Steps of a part count their
 * targets from the part's own start, so that parts can be repeated and put together.
 */
final class PythonPatternParser {
  private static final int LENGTH_MAX = 8_192;
  private static final int DEPTH_MAX = 64;
  private static final int STEPS_MAX = 20_000;

  private static final Pattern FLAGS = Pattern.compile("\\(\\?([aimsu]+)\\)");
  private static final Pattern NAMED = Pattern.compile("P<[A-Za-z_][A-Za-z0-9_]*>");
  private static final Pattern COUNTED = Pattern.compile("\\{(\\d{1,5})?(,)?(\\d{1,5})?}");
  private static final Pattern HEX = Pattern.compile("x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})");

  private final String text;
  private boolean anyCase;
  private int at;
  private int depth;

  private PythonPatternParser(String text) {
    this.text = text;
  }

  static List<Step> parse(String text) {
    if (text.length() > LENGTH_MAX) {
      throw TrimtabException.invalid(
          "a pattern has %d characters, expected up to %d".formatted(text.length(), LENGTH_MAX));
    }
    return new PythonPatternParser(text).whole();
  }

  private List<Step> whole() {
    Matcher flags = FLAGS.matcher(text);
    if (flags.lookingAt()) {
      anyCase = flags.group(1).contains("i");
      at = flags.end();
    }
    List<Step> steps = choice();
    if (at < text.length()) {
      throw wrong("has a ) without its (");
    }
    return ended(steps);
  }

  private static List<Step> ended(List<Step> steps) {
    List<Step> ended = new ArrayList<>(steps);
    ended.add(new Done());
    return List.copyOf(ended);
  }

  private List<Step> choice() {
    if (++depth > DEPTH_MAX) {
      throw wrong("has groups nested deeper than " + DEPTH_MAX);
    }
    List<List<Step>> alternatives = new ArrayList<>();
    alternatives.add(sequence());
    while (takes("|")) {
      alternatives.add(sequence());
    }
    depth--;
    int end = alternatives.stream().mapToInt(List::size).sum() + 2 * (alternatives.size() - 1);
    List<Step> steps = new ArrayList<>();
    for (List<Step> alternative : alternatives.subList(0, alternatives.size() - 1)) {
      steps.add(new Split(steps.size() + 1, steps.size() + alternative.size() + 2));
      append(steps, alternative);
      steps.add(new Jump(end));
    }
    append(steps, alternatives.getLast());
    return steps;
  }

  private List<Step> sequence() {
    List<Step> steps = new ArrayList<>();
    while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
      append(steps, repeated(atom()));
    }
    return steps;
  }

  private List<Step> repeated(List<Step> once) {
    if (at == text.length()) {
      return once;
    }
    List<Step> steps;
    Matcher counted = COUNTED.matcher(text).region(at, text.length());
    if (takes("*")) {
      steps = any(once);
    } else if (takes("+")) {
      steps = new ArrayList<>(once);
      append(steps, any(once));
    } else if (takes("?")) {
      steps = optional(once);
    } else if (counted.lookingAt() && !counted.group().equals("{}")) {
      at = counted.end();
      steps = counted(once, counted);
    } else {
      return once;
    }
    // Lazy or not changes what is captured, never whether there is a match.
    if (!takes("?") && at < text.length() && "*+?".indexOf(text.charAt(at)) >= 0) {
      throw wrong("repeats what is repeated, or is possessive, which is not served");
    }
    return steps;
  }

  private List<Step> counted(List<Step> once, Matcher counted) {
    int least = counted.group(1) == null ? 0 : Integer.parseInt(counted.group(1));
    List<Step> steps = new ArrayList<>();
    if (once.isEmpty()) {
      return steps;
    }
    for (int i = 0; i < least; i++) {
      append(steps, once);
    }
    if (counted.group(2) == null) {
      return steps;
    }
    if (counted.group(3) == null) {
      append(steps, any(once));
      return steps;
    }
    int most = Integer.parseInt(counted.group(3));
    if (most < least) {
      throw wrong("repeats at least %d and at most %d times".formatted(least, most));
    }
    for (int i = least; i < most; i++) {
      append(steps, optional(once));
    }
    return steps;
  }

  private List<Step> any(List<Step> once) {
    List<Step> steps = new ArrayList<>();
    steps.add(new Split(1, once.size() + 2));
    append(steps, once);
    steps.add(new Jump(0));
    return steps;
  }

  private List<Step> optional(List<Step> once) {
    List<Step> steps = new ArrayList<>();
    steps.add(new Split(1, once.size() + 1));
    append(steps, once);
    return steps;
  }

  /** Adds a part behind the steps, its targets moved along. */
  private void append(List<Step> steps, List<Step> part) {
    int offset = steps.size();
    if (offset + part.size() > STEPS_MAX) {
      throw wrong("is too large once its repetitions are written out");
    }
    for (Step step : part) {
      steps.add(
          switch (step) {
            case Split split -> new Split(split.first() + offset, split.second() + offset);
            case Jump jump -> new Jump(jump.to() + offset);
            case Read _, At _, Look _, Done _ -> step;
          });
    }
  }

  private List<Step> atom() {
    char first = text.charAt(at);
    at++;
    return switch (first) {
      case '(' -> group();
      case '[' -> reads(characterClass());
      case '.' -> reads(AsciiSets.NO_LINE_END);
      case '^' -> List.of(new At(Edge.START));
      case '$' -> List.of(new At(Edge.END));
      case '\\' -> escape();
      case '*', '+', '?' -> throw wrong("repeats nothing");
      default -> reads(AsciiSets.range(first, first));
    };
  }

  private List<Step> reads(BitSet characters) {
    return List.of(new Read(anyCase ? AsciiSets.bothCases(characters) : characters));
  }

  private List<Step> group() {
    if (!takes("?")) {
      return closed(choice());
    }
    Matcher named = NAMED.matcher(text).region(at, text.length());
    if (named.lookingAt()) {
      at = named.end();
      return closed(choice());
    }
    if (takes(":")) {
      return closed(choice());
    }
    if (takes("=")) {
      return look(Direction.AHEAD, Expectation.MATCH);
    }
    if (takes("!")) {
      return look(Direction.AHEAD, Expectation.NO_MATCH);
    }
    if (takes("<=")) {
      return look(Direction.BEHIND, Expectation.MATCH);
    }
    if (takes("<!")) {
      return look(Direction.BEHIND, Expectation.NO_MATCH);
    }
    throw wrong("has a group that begins with (? in a way that is not served");
  }

  private List<Step> look(Direction direction, Expectation expectation) {
    return List.of(new Look(ended(closed(choice())), direction, expectation));
  }

  private List<Step> closed(List<Step> steps) {
    if (!takes(")")) {
      throw wrong("has a ( without its )");
    }
    return steps;
  }

  private List<Step> escape() {
    if (takes("A")) {
      return List.of(new At(Edge.START));
    }
    if (takes("Z")) {
      return List.of(new At(Edge.END));
    }
    if (takes("b")) {
      return List.of(new At(Edge.WORD));
    }
    if (takes("B")) {
      return List.of(new At(Edge.NOT_WORD));
    }
    return reads(escapedCharacters());
  }

  /** Reads what follows a backslash, in a class or out of one. */
  private BitSet escapedCharacters() {
    if (at == text.length()) {
      throw wrong("ends with a backslash");
    }
    Matcher hex = HEX.matcher(text).region(at, text.length());
    if (hex.lookingAt()) {
      at = hex.end();
      int code = Integer.parseInt(hex.group(1) == null ? hex.group(2) : hex.group(1), 16);
      return AsciiSets.range(code, code);
    }
    char escaped = text.charAt(at);
    at++;
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
          throw wrong("has the escape \\%s, which is not served".formatted(escaped));
        }
        yield AsciiSets.range(escaped, escaped);
      }
    };
  }

  private BitSet characterClass() {
    boolean negated = takes("^");
    BitSet characters = new BitSet();
    for (int items = 0; ; items++) {
      if (at == text.length()) {
        throw wrong("has a [ without its ]");
      }
      // A ] that comes first stands for itself.
      if (items > 0 && takes("]")) {
        break;
      }
      characters.or(classItem());
    }
    BitSet cased = anyCase ? AsciiSets.bothCases(characters) : characters;
    return negated ? AsciiSets.complement(cased) : cased;
  }

  private BitSet classItem() {
    BitSet first = classCharacters();
    boolean range = at + 1 < text.length() && text.charAt(at) == '-' && text.charAt(at + 1) != ']';
    if (!range) {
      return first;
    }
    at++;
    BitSet last = classCharacters();
    if (first.cardinality() != 1 || last.cardinality() != 1 || first.length() > last.length()) {
      throw wrong("has a range in [] that is none");
    }
    return AsciiSets.range(first.length() - 1, last.length() - 1);
  }

  private BitSet classCharacters() {
    if (takes("\\")) {
      return escapedCharacters();
    }
    char literal = text.charAt(at);
    at++;
    return AsciiSets.range(literal, literal);
  }

  private boolean takes(String expected) {
    if (!text.startsWith(expected, at)) {
      return false;
    }
    at += expected.length();
    return true;
  }

  private TrimtabException wrong(String what) {
    return TrimtabException.invalid(
        "the pattern '%s' %s, at character %d".formatted(Problems.shown(text), what, at));
  }
}
