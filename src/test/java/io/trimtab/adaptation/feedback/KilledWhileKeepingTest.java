package io.trimtab.adaptation.feedback;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adapter.AdapterId;
import io.trimtab.store.FileObjectStore;
import io.trimtab.testing.ChildJvm;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that keeps feedback, killed with SIGKILL at random moments, each time on what the one
 * before left: what it said is kept is there once and whole, and told again it is known.
 */
@Timeout(300)
class KilledWhileKeepingTest {
  /** Other than 6 with {@code -Dtest.kills}. */
  private static final int KILLS = Integer.getInteger("test.kills", 6);

  @TempDir private Path folder;

  private final Set<Integer> kept = new TreeSet<>();
  private final Set<Integer> firsts = new TreeSet<>();
  private final Set<Integer> retracted = new TreeSet<>();

  @Test
  void whatWasAcknowledgedIsThereOnce() throws Exception {
    Path root = folder.resolve("store");
    for (int seed = 0; seed < KILLS; seed++) {
      runUntilKilled(root, seed);
      try (FileObjectStore store = FileObjectStore.open(root)) {
        FeedbackBench bench = IntakeUnderKill.open(store);
        assertThere(bench, "seed " + seed);
        for (int number : kept.stream().skip(Math.max(0, kept.size() - 20)).toList()) {
          assertThat(bench.examples().accept(IntakeUnderKill.feedback(number)))
              .isEqualTo(new FeedbackOutcome.Known());
        }
      }
    }
    assertThat(kept).hasSizeGreaterThan(10 * KILLS);
    assertThat(retracted).isNotEmpty();
  }

  private void runUntilKilled(Path root, int seed) throws Exception {
    Random random = new Random(seed);
    int lines = 20 + random.nextInt(40);
    // Some of what the life before was in the middle of is told again.
    int first = kept.stream().max(Integer::compare).map(last -> last - 5).orElse(1);
    long nanos = random.nextInt(5_000_000);
    List<String> said = new ArrayList<>();
    Process child =
        ChildJvm.start(folder, IntakeUnderKill.class, root.toString(), "" + first, "" + 3L * seed);
    try (BufferedReader output = child.inputReader()) {
      String line;
      while ((line = output.readLine()) != null) {
        if (line.endsWith(IntakeUnderKill.STOP)) {
          said.add(line);
        }
        if (said.size() == lines) {
          LockSupport.parkNanos(nanos);
          // Through its handle, for the process would close what is still to be read.
          child.toHandle().destroyForcibly();
        }
      }
    } finally {
      child.destroyForcibly().waitFor();
    }
    assertThat(said).as("seed %d", seed).hasSizeGreaterThanOrEqualTo(lines);
    for (String line : said) {
      String[] words = line.split(" ");
      int number = Integer.parseInt(words[1]);
      if (words[0].equals("kept")) {
        // "known" may be said by the other thread before it.
        assertThat(firsts.add(number)).as("seed %d: %s, twice", seed, line).isTrue();
      }
      kept.add(number);
      if (words[0].equals("retracted")) {
        retracted.add(number);
      }
    }
  }

  private void assertThere(FeedbackBench bench, String what) {
    Map<String, KeptExample> there = new HashMap<>();
    for (AdapterId adapter : IntakeUnderKill.IDS) {
      for (KeptExample each : bench.examples().list(adapter)) {
        assertThat(there.put(each.example().feedbackId(), each)).as(what).isNull();
        int number = Integer.parseInt(each.example().feedbackId().substring(1));
        Feedback feedback = IntakeUnderKill.feedback(number);
        // Of those that were not acknowledged as well: whole, or not there.
        assertThat(ExampleMaker.isOf(each.example(), feedback)).as(what).isTrue();
        assertThat(
                new Conversations(bench.pictures())
                    .read(adapter.tenant(), each.example().conversation()))
            .as(what)
            .isEqualTo(feedback.messages());
        assertThat(bench.registry().get(adapter).activeRevision()).isZero();
      }
    }
    for (int number : kept) {
      assertThat(there).as(what).containsKey("f" + number);
    }
    for (int number : retracted) {
      assertThat(Objects.requireNonNull(there.get("f" + number)).state())
          .as(what)
          .isInstanceOf(ExampleState.Retracted.class);
    }
    assertThat(bench.examples().complete()).as(what).isTrue();
  }
}
