package io.trimtab.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class StopMatcherTest {
  @Test
  void holdsBackWhatMayBecomeAStop() {
    StopMatcher matcher = new StopMatcher(List.of("\nUser:"));
    assertThat(matcher.push("Hello\n")).isEqualTo(new StopMatcher.Result("Hello", null));
    assertThat(matcher.push("Us")).isEqualTo(new StopMatcher.Result("", null));
    assertThat(matcher.push("ual")).isEqualTo(new StopMatcher.Result("\nUsual", null));
    assertThat(matcher.push("\nUser")).isEqualTo(new StopMatcher.Result("", null));
    assertThat(matcher.push(": x")).isEqualTo(new StopMatcher.Result("", "\nUser:"));
    assertThat(matcher.flush()).isEmpty();
  }

  @Test
  void whatIsHeldComesOutAtTheEnd() {
    StopMatcher matcher = new StopMatcher(List.of("END"));
    assertThat(matcher.push("the EN").text()).isEqualTo("the ");
    assertThat(matcher.flush()).isEqualTo("EN");
  }

  @Test
  void withoutStopsEverythingPasses() {
    assertThat(new StopMatcher(List.of()).push("all"))
        .isEqualTo(new StopMatcher.Result("all", null));
  }

  @Test
  void anEmptyStopIsRefused() {
    assertThatThrownBy(() -> new StopMatcher(List.of("a", "")))
        .isInstanceOf(TrimtabException.class)
        .hasMessage("Stop string 2 of 2 is empty; expected at least one character");
  }

  @Test
  void agreesWithASearchOfTheWholeTextHoweverItIsCut() {
    Random random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      String text = letters(random, random.nextInt(12));
      List<String> stops = new ArrayList<>();
      for (int i = random.nextInt(4); i >= 0; i--) {
        stops.add(letters(random, 1 + random.nextInt(4)));
      }
      StopMatcher matcher = new StopMatcher(stops);
      StringBuilder shown = new StringBuilder();
      String met = null;
      for (int at = 0; at < text.length() && met == null; ) {
        int to = Math.min(text.length(), at + random.nextInt(4));
        StopMatcher.Result result = matcher.push(text.substring(at, to));
        shown.append(result.text());
        met = result.stop();
        at = to;
      }
      shown.append(matcher.flush());
      assertThat(shown.toString())
          .as("round %d: %s stopped by %s", round, text, stops)
          .isEqualTo(untilFirstStop(text, stops));
    }
  }

  private static String untilFirstStop(String text, List<String> stops) {
    for (int end = 1; end <= text.length(); end++) {
      int from = Integer.MAX_VALUE;
      for (String stop : stops) {
        int at = text.substring(0, end).indexOf(stop);
        from = at >= 0 ? Math.min(from, at) : from;
      }
      if (from != Integer.MAX_VALUE) {
        return text.substring(0, from);
      }
    }
    return text;
  }

  private static String letters(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) ('a' + random.nextInt(2)));
    }
    return text.toString();
  }
}
