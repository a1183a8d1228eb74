package io.trimtab.adaptation.feedback;

import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.store.FileObjectStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;

/**
 * The program that {@link KilledWhileKeepingTest} kills: two threads that tell feedback, some of it
 * twice, one that retracts, and one that sweeps. They say on standard output what they were told is
 * done. It ends by itself only when nobody reads.
 */
final class IntakeUnderKill {
  static final AdapterLimits ADAPTERS = new AdapterLimits(16, 8 << 10, 256 << 10, 10, 3);
  static final List<AdapterId> IDS =
      List.of(new AdapterId("tenant-0", "birds"), new AdapterId("tenant-1", "birds"));

  /** Ends a line: without it, the line was cut. */
  static final String STOP = " .";

  private final FeedbackBench bench;
  private final Object said = new Object();
  private volatile int newest;

  private IntakeUnderKill(Path root) {
    this.bench = open(FileObjectStore.open(root));
  }

  static FeedbackBench open(FileObjectStore store) {
    Clock clock = Clock.systemUTC();
    AdapterRegistry registry = AdapterRegistry.open(store, ADAPTERS, clock);
    TenantPictures pictures = new TenantPictures(store, 1 << 20, clock);
    Predictions predictions =
        Predictions.open(
            store, pictures, new PredictionLimits(Duration.ofMillis(50), 1 << 20), clock);
    ExampleStore examples =
        ExampleStore.open(store, registry, pictures, predictions, FeedbackLimits.defaults(), clock);
    return FeedbackBench.of(store, registry, pictures, predictions, examples);
  }

  /** Folder of the store, then the number of the first feedback, then a seed. */
  public static void main(String[] arguments) {
    IntakeUnderKill program = new IntakeUnderKill(Path.of(arguments[0]));
    int first = Integer.parseInt(arguments[1]);
    long seed = Long.parseLong(arguments[2]);
    Thread.ofPlatform().start(() -> program.tell(new Random(seed), first));
    Thread.ofPlatform().start(() -> program.retract(new Random(seed + 1), first));
    Thread.ofPlatform().start(program::sweep);
    program.tell(new Random(seed + 2), first);
  }

  /** Feedback of a number: the same in every life. */
  static Feedback feedback(int number) {
    return new Feedback(
        "f" + number,
        IDS.get(number % IDS.size()),
        Optional.empty(),
        FeedbackBench.asking(number % 50),
        "A tit",
        "Bird " + number,
        OptionalDouble.empty(),
        List.of());
  }

  private void tell(Random random, int first) {
    // Both threads tell the same, so that each is first sometimes; some is told by both at once.
    for (int number = first; !System.out.checkError(); number += 1 + random.nextInt(2)) {
      FeedbackOutcome outcome = bench.examples().accept(feedback(number));
      switch (outcome) {
        case FeedbackOutcome.Kept _ -> say("kept " + number);
        case FeedbackOutcome.Known() -> say("known " + number);
        case FeedbackOutcome.Refused(String reason) -> throw new IllegalStateException(reason);
      }
      newest = number;
      bench.predict("tenant-0", "p-%d-%d".formatted(number, random.nextLong()), number % 70);
    }
  }

  private void retract(Random random, int first) {
    int last = 0;
    while (!System.out.checkError()) {
      int number = newest - random.nextInt(10);
      // Each once: said again and again, it would leave the others few lines.
      if (number >= first && number % 10 == 0 && number > last) {
        Feedback feedback = feedback(number);
        if (bench.examples().accept(feedback) instanceof FeedbackOutcome.Known) {
          bench.examples().retract(feedback.adapter().tenant(), feedback.id(), "by chance");
          say("retracted " + number);
          last = number;
        }
      }
      Thread.yield();
    }
  }

  private void sweep() {
    while (!System.out.checkError()) {
      bench.sweep().run();
    }
  }

  private void say(String what) {
    synchronized (said) {
      System.out.println(what + STOP);
    }
  }
}
