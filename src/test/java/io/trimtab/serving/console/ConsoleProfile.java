package io.trimtab.serving.console;

import io.quarkus.test.junit.QuarkusTestProfile;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.feedback.FeedbackLog;
import io.trimtab.adaptation.feedback.FeedbackOutcome;
import io.trimtab.adaptation.governor.Governor;
import io.trimtab.adapter.AdapterId;
import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.Reference;
import io.trimtab.drift.SeenShifts;
import io.trimtab.drift.WatchSettings;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.ServingLimits;
import io.trimtab.testing.FakeEngine;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The server with an engine that plays scripts, no tuner (the test plays it), feedback that is kept
 * at once, and a drift watch for which every revision did at the gate what base does.
 */
public final class ConsoleProfile implements QuarkusTestProfile {
  @Override
  public Map<String, String> getConfigOverrides() {
    return Map.of(
        "trimtab.data", folder("console-data").toString(),
        "trimtab.role", "serve",
        "trimtab.governor.mode", "act",
        "quarkus.grpc.server.test-port", "0",
        "quarkus.http.test-port", "0");
  }

  private static Path folder(String name) {
    try {
      return Files.createTempDirectory(
          Files.createDirectories(Path.of("target").toAbsolutePath()), name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Set<Class<?>> getEnabledAlternatives() {
    return Set.of(Producer.class);
  }

  /** Gives the server what the application gives it otherwise. */
  @Alternative
  @Singleton
  public static class Producer {
    @Produces
    @Singleton
    FakeEngine engine() {
      return FakeEngine.silent();
    }

    @Produces
    @Singleton
    ServingLimits limits() {
      return ServingLimits.DEFAULT;
    }

    @Produces
    @ApplicationScoped
    FeedbackLog log(ExampleStore examples) {
      return new KeptAtOnce(examples);
    }

    @Produces
    @Singleton
    DriftWatch watch(Quantities quantities, Governor governor) {
      Map<String, Double> zeros = new HashMap<>();
      quantities.all().forEach(quantity -> zeros.put(quantity.key(), 0.0));
      Reference reference =
          Reference.of(
              List.of(
                  new SeenShifts("colours", SeenShifts.Use.KEPT, Map.of(), 100, zeros, Map.of())),
              quantities);
      return new DriftWatch(
          quantities,
          (_, _) -> reference,
          new WatchSettings(0.1, 256, 256, 100, 2, 100),
          folder("console-drift"),
          governor,
          Clock.systemUTC());
    }
  }

  /** A log without a broker. */
  private record KeptAtOnce(ExampleStore examples) implements FeedbackLog {
    @Override
    public CompletableFuture<Position> append(Feedback feedback) {
      return examples.accept(feedback) instanceof FeedbackOutcome.Refused(String reason)
          ? CompletableFuture.failedFuture(new TrimtabException(ErrorCode.INVALID_ARGUMENT, reason))
          : CompletableFuture.completedFuture(new Position(0, 0));
    }

    @Override
    public OptionalLong lag(String tenant) {
      return OptionalLong.of(0);
    }

    @Override
    public long deadLettered(AdapterId adapter) {
      return 0;
    }

    @Override
    public CompletableFuture<Long> redrive(String tenant, int max) {
      return CompletableFuture.completedFuture(0L);
    }
  }
}
