package io.trimtab.adapter.peft;

import io.trimtab.adapter.peft.CharacterSetParser.LetterCase;
import io.trimtab.adapter.peft.PythonPattern.At;
import io.trimtab.adapter.peft.PythonPattern.Direction;
import io.trimtab.adapter.peft.PythonPattern.Done;
import io.trimtab.adapter.peft.PythonPattern.Edge;
import io.trimtab.adapter.peft.PythonPattern.Expectation;
import io.trimtab.adapter.peft.PythonPattern.Jump;
import io.trimtab.adapter.peft.PythonPattern.Look;
import io.trimtab.adapter.peft.PythonPattern.Read;
import io.trimtab.adapter.peft.PythonPattern.Split;
import io.trimtab.adapter.peft.PythonPattern.Step;
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

  private final PatternCursor cursor;
  private final CharacterSetParser sets;
  private final PatternSize size;
  private int depth;

  private PythonPatternParser(String text, PatternSize size) {
    this.size = size;
    cursor = new PatternCursor(text);
    Matcher flags = cursor.match(FLAGS);
    boolean anyCase = flags.lookingAt() && flags.group(1).contains("i");
    if (flags.lookingAt()) {
      cursor.skip(flags.end());
    }
    sets = new CharacterSetParser(cursor, anyCase ? LetterCase.EITHER : LetterCase.AS_WRITTEN);
  }

  static List<Step> parse(String text, PatternSize size) {
    if (text.length() > LENGTH_MAX) {
      throw TrimtabException.invalid(
          "a pattern has %d characters, expected up to %d".formatted(text.length(), LENGTH_MAX));
    }
    return new PythonPatternParser(text, size).whole();
  }

  private List<Step> whole() {
    List<Step> steps = choice();
    if (!cursor.atEnd()) {
      throw cursor.wrong("has a ) without its (");
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
      throw cursor.wrong("has groups nested deeper than " + DEPTH_MAX);
    }
    List<List<Step>> alternatives = new ArrayList<>();
    alternatives.add(sequence());
    while (cursor.takes("|")) {
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
    while (!cursor.atEnd() && !cursor.sees("|") && !cursor.sees(")")) {
      append(steps, repeated(atom()));
    }
    return steps;
  }

  private List<Step> repeated(List<Step> once) {
    List<Step> steps;
    Matcher counted = cursor.match(COUNTED);
    if (cursor.takes("*")) {
      steps = any(once);
    } else if (cursor.takes("+")) {
      steps = new ArrayList<>(once);
      append(steps, any(once));
    } else if (cursor.takes("?")) {
      steps = optional(once);
    } else if (counted.lookingAt() && !counted.group().equals("{}")) {
      cursor.skip(counted.end());
      steps = counted(once, counted);
    } else {
      return once;
    }
    // Lazy or not changes what is captured, never whether there is a match.
    if (!cursor.takes("?") && (cursor.sees("*") || cursor.sees("+") || cursor.sees("?"))) {
      throw cursor.wrong("repeats what is repeated, or is possessive, which is not served");
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
      throw cursor.wrong("repeats at least %d and at most %d times".formatted(least, most));
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
    size.add(part.size());
    if (offset + part.size() > STEPS_MAX) {
      throw cursor.wrong("is too large once its repetitions are written out");
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
    char first = cursor.next();
    return switch (first) {
      case '(' -> group();
      case '[' -> reads(sets.characterClass());
      case '.' -> reads(AsciiSets.NO_LINE_END);
      case '^' -> List.of(new At(Edge.START));
      case '$' -> List.of(new At(Edge.END));
      case '\\' -> escape();
      case '*', '+', '?' -> throw cursor.wrong("repeats nothing");
      default -> reads(sets.literal(first));
    };
  }

  private List<Step> reads(BitSet characters) {
    size.add(1);
    return List.of(new Read(characters));
  }

  private List<Step> group() {
    if (!cursor.takes("?")) {
      return closed(choice());
    }
    Matcher named = cursor.match(NAMED);
    if (named.lookingAt()) {
      cursor.skip(named.end());
      return closed(choice());
    }
    if (cursor.takes(":")) {
      return closed(choice());
    }
    if (cursor.takes("=")) {
      return look(Direction.AHEAD, Expectation.MATCH);
    }
    if (cursor.takes("!")) {
      return look(Direction.AHEAD, Expectation.NO_MATCH);
    }
    if (cursor.takes("<=")) {
      return look(Direction.BEHIND, Expectation.MATCH);
    }
    if (cursor.takes("<!")) {
      return look(Direction.BEHIND, Expectation.NO_MATCH);
    }
    throw cursor.wrong("has a group that begins with (? in a way that is not served");
  }

  private List<Step> look(Direction direction, Expectation expectation) {
    return List.of(new Look(ended(closed(choice())), direction, expectation));
  }

  private List<Step> closed(List<Step> steps) {
    if (!cursor.takes(")")) {
      throw cursor.wrong("has a ( without its )");
    }
    return steps;
  }

  private List<Step> escape() {
    if (cursor.takes("A")) {
      return List.of(new At(Edge.START));
    }
    if (cursor.takes("Z")) {
      return List.of(new At(Edge.END));
    }
    if (cursor.takes("b")) {
      return List.of(new At(Edge.WORD));
    }
    if (cursor.takes("B")) {
      return List.of(new At(Edge.NOT_WORD));
    }
    return reads(sets.escaped());
  }
}
