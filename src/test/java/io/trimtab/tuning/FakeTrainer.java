package io.trimtab.tuning;

import io.trimtab.tuning.job.TrainingSequence;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A trainer's process around a {@link QuadraticModel}, which at one of its micro-batches does what
 * the system properties say.
 */
final class FakeTrainer {
  /** What can befall a trainer. */
  enum Mishap {
    NONE,
    EXIT,
    KILL,
    HANG,
    PRINT,
    RUN_OUT_OF_HEAP,
    BAD_ALLOC,
    /** The JVM itself finds no memory for a thread or for its collector. */
    NO_NATIVE_MEMORY,
    TORCH_LACKS_MEMORY,
    BUG
  }

  private FakeTrainer() {}

  /** JVM options: the mishap comes at micro-batch {@code at}, from 1, of each process. */
  static List<String> options(Mishap mishap, int at, Duration pace) {
    return new ArrayList<>(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-Dfake.mishap=" + mishap,
            "-Dfake.at=" + at,
            "-Dfake.pace=" + pace.toNanos()));
  }

  /** The same, in the first process alone. */
  static List<String> onceOptions(Mishap mishap, int at, Duration pace, Path marker) {
    List<String> options = options(mishap, at, pace);
    options.add("-Dfake.marker=" + marker);
    return options;
  }

  public static void main(String[] arguments) {
    TuningProgram.run(arguments, (plan, pictures) -> new Model(plan.training().seed()));
  }

  private static final class Model extends QuadraticModel {
    private final Mishap mishap = Mishap.valueOf(System.getProperty("fake.mishap"));
    private final int at = Integer.getInteger("fake.at");
    private final long paceNanos = Long.getLong("fake.pace");
    private final @Nullable String marker = System.getProperty("fake.marker");
    private int microBatches;

    Model(long seed) {
      super(seed);
    }

    @Override
    public Losses learn(List<TrainingSequence> sequences, double weight) {
      LockSupport.parkNanos(paceNanos);
      if (++microBatches == at && isDue()) {
        happen();
      }
      return super.learn(sequences, weight);
    }

    private boolean isDue() {
      try {
        if (marker != null && Files.exists(Path.of(marker))) {
          return false;
        }
        if (marker != null) {
          Files.createFile(Path.of(marker));
        }
        return true;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void happen() {
      switch (mishap) {
        case NONE -> {}
        case EXIT -> {
          System.err.println("last words");
          Runtime.getRuntime().halt(77);
        }
        case KILL -> kill();
        case HANG -> {
          while (true) {
            LockSupport.park();
          }
        }
        case PRINT -> print();
        case RUN_OUT_OF_HEAP -> {
          long[] big = new long[1 << 28];
          System.err.println(big.length);
        }
        case BAD_ALLOC -> {
          System.err.println("terminate called after throwing an instance of 'std::bad_alloc'");
          Runtime.getRuntime().halt(134);
        }
        case NO_NATIVE_MEMORY -> {
          System.err.println(
              "# There is insufficient memory for the Java Runtime Environment to continue.");
          Runtime.getRuntime().halt(1);
        }
        case TORCH_LACKS_MEMORY ->
            throw new IllegalStateException(
                "DefaultCPUAllocator: not enough memory: you tried to allocate 4096 bytes.");
        case BUG -> throw new IllegalStateException("The tensors of layer 3 disagree");
      }
    }

    private static void kill() {
      try {
        new ProcessBuilder("kill", "-9", String.valueOf(ProcessHandle.current().pid()))
            .start()
            .waitFor();
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    /** As Java libraries do, and as native ones do, half lines among it. */
    private static void print() {
      System.out.println("{\"event\":\"finished\"}");
      System.out.print("x".repeat(100_000));
      try {
        // Not closed: the descriptor is that of the events.
        FileOutputStream direct = new FileOutputStream(FileDescriptor.out);
        direct.write("\n\n[W ParallelNative.cpp] half a".getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
