package io.trimtab.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adapter.AdapterId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many revisions under watch: in memory, on disk, and after a restart. */
class DriftWatchTest {
  private static final Quantities QUANTITIES = new Quantities(WatchedClasses.builtIn());
  private static final int WATCHED_MAX = 3;

  @TempDir Path folder;
  private final List<DriftSignal> signals = new ArrayList<>();
  private long nextInput = 1;

  @Test
  void whatYieldsToOthersComesBackFromDisk() {
    DriftWatch watch = watch();
    for (int i = 0; i < 2 * WATCHED_MAX; i++) {
      see(watch, served(i), 5);
    }
    assertThat(watch.reports()).hasSize(WATCHED_MAX);
    see(watch, served(0), 1);
    assertThat(watch.report(served(0)).orElseThrow().answers()).isEqualTo(6);
    assertThat(watch.reports()).hasSize(WATCHED_MAX);
  }

  @Test
  void aRestartGoesOnWhereItWas() {
    DriftWatch before = watch();
    see(before, served(1), 40);
    before.save();
    assertThat(signals).isNotEmpty();
    signals.clear();

    DriftWatch after = watch();
    assertThat(after.report(served(1))).isEqualTo(before.report(served(1)));
    see(after, served(1), 40);
    // It has been said, and it is still so.
    assertThat(signals).isEmpty();
  }

  @Test
  void whatTheDiskRefusedIsWrittenTheNextTime() throws IOException {
    Path tenant = folder.resolve(served(1).id().tenant());
    Files.writeString(tenant, "in the place of the folder");
    DriftWatch before = watch();
    see(before, served(1), 5);
    before.save();
    Files.delete(tenant);
    before.save();
    assertThat(watch().report(served(1))).isEqualTo(before.report(served(1))).isPresent();
  }

  @Test
  void anotherScaleIsWatchedAnew() {
    DriftWatch watch = watch();
    see(watch, served(1), 40);
    Served damped = new Served(served(1).id(), served(1).revision(), 0.7f);
    assertThat(watch.report(damped)).isEmpty();
    see(watch, damped, 1);
    assertThat(watch.report(damped).orElseThrow().answers()).isEqualTo(1);
  }

  @Test
  void aDamagedFileIsBegunAnew() throws IOException {
    DriftWatch before = watch();
    see(before, served(1), 5);
    before.save();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.writeString(file, "{\"answers\":");
      }
    }
    DriftWatch after = watch();
    see(after, served(1), 1);
    assertThat(after.report(served(1)).orElseThrow().answers()).isEqualTo(1);
  }

  /** What is kept of an idle tenant: the figure of the documentation, with room to spare. */
  @Test
  void aWatchIsKeptInAFewKilobytes() throws IOException {
    DriftWatch watch = watch();
    see(watch, served(1), 200);
    watch.save();
    try (Stream<Path> files = Files.walk(folder)) {
      long bytes = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      assertThat(bytes).isBetween(500L, 16_384L);
    }
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new WatchSettings(1.5, 256, 256, 1_000, 8, 16))
        .hasMessage("trimtab.drift.share is 1.5, expected 0 to 1");
    assertThatThrownBy(() -> new WatchSettings(Double.NaN, 256, 256, 1_000, 8, 16))
        .hasMessage("trimtab.drift.share is NaN, expected 0 to 1");
    assertThatThrownBy(() -> new WatchSettings(1, 0, 256, 1_000, 8, 16))
        .hasMessage("trimtab.drift.tokens-max is 0, expected 1 to 4096");
    assertThatThrownBy(() -> new WatchSettings(1, 256, 0, 1_000, 8, 16))
        .hasMessage("trimtab.drift.pending-max is 0, expected 1 and above");
    assertThatThrownBy(() -> new WatchSettings(1, 256, 256, 99, 8, 16))
        .hasMessage("trimtab.drift.average-run-length is 99.0, expected 100 to 1e9");
    assertThatThrownBy(() -> new WatchSettings(1, 256, 256, 1_000, 0, 16))
        .hasMessage("trimtab.drift.warm-up is 0, expected 1 and above");
    assertThatThrownBy(() -> new WatchSettings(1, 256, 256, 1_000, 8, 0))
        .hasMessage("trimtab.drift.watched-max is 0, expected 1 and above");
  }

  private DriftWatch watch() {
    return new DriftWatch(
        QUANTITIES,
        (_, _) -> Reference.ofBase(QUANTITIES),
        new WatchSettings(1, 256, 256, 1_000, 8, WATCHED_MAX),
        folder,
        signals::add,
        Clock.systemUTC());
  }

  private void see(DriftWatch watch, Served served, int answers) {
    for (int i = 0; i < answers; i++) {
      watch.observe(served, Shifts.of(QUANTITIES, 0, 1), Shifts.words(7), nextInput++);
    }
  }

  private static Served served(int number) {
    return new Served(new AdapterId("tenant-" + number, "adapter"), number + 1, 1);
  }
}
