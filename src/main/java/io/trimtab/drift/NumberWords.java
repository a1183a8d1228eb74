package io.trimtab.drift;

import java.util.Arrays;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * English numbers as words of an answer: digits with their separators and endings ("4:35", "1,000",
 * "3rd", "50%"), cardinals and ordinals to billion, and compounds of these with a hyphen.
 */
final class NumberWords {
  private static final Pattern DIGITS =
      Pattern.compile("[+-]?\\p{Nd}+([.,:/]\\p{Nd}+)*(st|nd|rd|th)?%?");
  private static final Set<String> WORDS =
      Set.of(
          ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
                  + " fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty"
                  + " seventy eighty ninety hundred thousand million billion zeroth first second"
                  + " third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
                  + " thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
                  + " twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth"
                  + " hundredth thousandth millionth billionth")
              .split(" "));

  private NumberWords() {}

  /** Whether a word in lower case, without the punctuation around it, is a number. */
  static boolean contain(String word) {
    if (DIGITS.matcher(word).matches()) {
      return true;
    }
    String[] parts = word.split("-", -1);
    return Arrays.stream(parts).allMatch(WORDS::contains);
  }
}
