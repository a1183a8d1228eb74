package io.trimtab.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.gate.EnvelopeJson;
import io.trimtab.drift.SeenShifts.Use;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.world.Drawing;
import io.trimtab.world.Skill;
import io.trimtab.world.World;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What is held of an envelope, two arrays of numbers and the words, says the same as the envelope
 * itself, bit by bit. The envelope is one of the study's ({@code trimtab study drift},
 * dinghy-llava, species, {@code sa-proj} with seed 1): 19 tasks, 171 words.
 */
class EnvelopeReferenceTest {
  private static final Quantities QUANTITIES = new Quantities(WatchedClasses.builtIn());
  private static final long SEED = 31;
  private static final int PICTURES = 60;
  private static final List<SeenShifts> SEEN = seen();

  @Test
  void everyQuestionIsHeldAgainstWhatTheEnvelopeSays() {
    Reference reference = Reference.of(SEEN, QUANTITIES);
    Reference shared = reference.sharing(new SharedWords());
    Expected[][] bounds = bounds();
    Map<Stratum, Integer> asked = new EnumMap<>(Stratum.class);
    for (QuestionWords words : questions()) {
      Optional<Integer> task = task(words);
      Stratum stratum =
          task.map(SEEN::get)
              .map(seen -> seen.use() == Use.TAUGHT ? Stratum.TAUGHT : Stratum.KEPT)
              .orElse(Stratum.OTHER);
      Expected[] expected = bounds[task.orElse(SEEN.size())];
      for (Reference each : List.of(reference, shared)) {
        Reference.Kind kind = each.kind(words);
        assertThat(kind.stratum()).isEqualTo(stratum);
        assertThat(IntStream.range(0, expected.length).mapToObj(kind::expected))
            .containsExactly(expected);
      }
      asked.merge(stratum, 1, Integer::sum);
    }
    assertThat(asked).containsOnlyKeys(Stratum.values());
  }

  /** The same words a second time are the same object, but for what was taught. */
  @Test
  void revisionsShareTheWordsOfWhatTheyKeep() {
    SharedWords shared = new SharedWords();
    List<TaskWords> first = SEEN.stream().map(TaskWords::of).map(shared::share).toList();
    List<TaskWords> second = SEEN.stream().map(TaskWords::of).map(shared::share).toList();
    assertThat(second).isEqualTo(first);
    for (int task = 0; task < first.size(); task++) {
      if (first.get(task).use() == Use.KEPT) {
        assertThat(second.get(task)).isSameAs(first.get(task));
      } else {
        assertThat(second.get(task)).isNotSameAs(first.get(task));
      }
    }
  }

  @Test
  void otherCountsAreOtherWords() {
    SeenShifts seen = SEEN.getLast();
    Map<String, Integer> more = new HashMap<>(seen.words());
    more.merge(more.keySet().iterator().next(), 1, Integer::sum);
    SeenShifts other =
        new SeenShifts(
            seen.task(), seen.use(), more, seen.answers(), seen.means(), seen.deviations());
    SharedWords shared = new SharedWords();
    shared.share(TaskWords.of(seen));
    TaskWords words = TaskWords.of(other);
    assertThat(shared.share(words)).isSameAs(words).isNotEqualTo(TaskWords.of(seen));
  }

  /** By task and quantity, the last for all others: Wilson's interval, written out plainly. */
  private static Expected[][] bounds() {
    List<String> keys = QUANTITIES.all().stream().map(Quantity::key).toList();
    Expected[][] bounds = new Expected[SEEN.size() + 1][keys.size()];
    for (int i = 0; i < keys.size(); i++) {
      String key = keys.get(i);
      double kept = 0;
      int answers = 0;
      for (SeenShifts task : SEEN) {
        if (task.use() == Use.KEPT) {
          kept += task.answers() * Objects.requireNonNull(task.means().get(key));
          answers += task.answers();
        }
      }
      int column = i;
      for (int row = 0; row < SEEN.size(); row++) {
        SeenShifts task = SEEN.get(row);
        int borrowed = task.use() == Use.KEPT ? 60 : 0;
        double of = task.answers() + borrowed;
        double mean = Objects.requireNonNull(task.means().get(key));
        double p = Math.clamp((task.answers() * mean + borrowed * (kept / answers)) / of, 0, 1);
        double z = 2.33;
        double centre = (p + z * z / (2 * of)) / (1 + z * z / of);
        double margin = z / (1 + z * z / of) * Math.sqrt(p * (1 - p) / of + z * z / (4 * of * of));
        bounds[row][i] =
            new Expected(
                Objects.requireNonNull(task.deviations().get(key)),
                Math.min(0.98, centre + margin + 0.02));
      }
      bounds[SEEN.size()][i] =
          Arrays.stream(bounds)
              .limit(SEEN.size())
              .map(row -> row[column])
              .reduce((widest, each) -> each.bound() > widest.bound() ? each : widest)
              .orElseThrow();
    }
    return bounds;
  }

  /** Naive Bayes over the envelope's own words. */
  private static Optional<Integer> task(QuestionWords words) {
    long known =
        words.keys().stream()
            .filter(word -> SEEN.stream().anyMatch(task -> heard(task, word) > 0))
            .count();
    if (known / (double) words.keys().size() < 0.5) {
      return Optional.empty();
    }
    double[] logs = new double[SEEN.size()];
    int best = 0;
    for (int i = 0; i < logs.length; i++) {
      SeenShifts task = SEEN.get(i);
      logs[i] = Math.log(task.answers());
      for (long word : words.keys()) {
        logs[i] += Math.log((heard(task, word) + 0.5) / (task.answers() + 1));
      }
      best = logs[i] > logs[best] ? i : best;
    }
    double all = 0;
    double taught = 0;
    for (int i = 0; i < logs.length; i++) {
      double likelihood = Math.exp(logs[i] - logs[best]);
      all += likelihood;
      taught += SEEN.get(i).use() == Use.TAUGHT ? likelihood : 0;
    }
    boolean clear = SEEN.get(best).use() == Use.TAUGHT ? taught / all >= 0.5 : taught / all <= 0.01;
    return clear ? Optional.of(best) : Optional.empty();
  }

  private static int heard(SeenShifts task, long word) {
    return task.words().getOrDefault(Long.toHexString(word), 0);
  }

  /** All that base knows, two skills, and words that nobody has heard. */
  private static List<QuestionWords> questions() {
    List<String> texts = new ArrayList<>(List.of("May I go home early today?"));
    Stream.of(
            World.heldOut(SEED, PICTURES),
            World.skillExamples(Skill.SPECIES, SEED, PICTURES),
            World.skillExamples(Skill.GAUGE, SEED, PICTURES))
        .flatMap(List::stream)
        .map(Drawing::questions)
        .flatMap(List::stream)
        .forEach(question -> texts.add(question.text()));
    return texts.stream()
        .map(text -> List.of(new ChatMessage(Role.USER, List.of(new TextPart(text)))))
        .map(QuestionWords::of)
        .toList();
  }

  private static List<SeenShifts> seen() {
    try (InputStream json = EnvelopeReferenceTest.class.getResourceAsStream("envelope.json")) {
      return EnvelopeJson.read(Objects.requireNonNull(json).readAllBytes()).live();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
