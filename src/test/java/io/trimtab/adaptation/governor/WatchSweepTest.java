package io.trimtab.adaptation.governor;

import static io.trimtab.adaptation.governor.GovernorBench.BIRDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.governor.GovernorEvent.Outcome;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterId;
import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.Reference;
import io.trimtab.drift.Served;
import io.trimtab.drift.WatchSettings;
import io.trimtab.store.FileObjectStore;
import io.trimtab.testing.TurnedClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of a process' own folder goes with adapters and revisions, and what stays. */
class WatchSweepTest {
  private static final AdapterId STRANGER = new AdapterId("acme", "strangers");

  @TempDir private Path folder;
  private final TurnedClock clock = new TurnedClock();
  private FileObjectStore store;
  private GovernorBench bench;
  private Path seen;
  private DriftWatch watch;
  private GovernorHistory history;
  private WatchSweep sweep;

  @BeforeEach
  void open() {
    store = FileObjectStore.open(folder.resolve("store"));
    bench = new GovernorBench(store, clock, folder.resolve("here"), GovernorSettings.defaults());
    seen = folder.resolve("drift");
    watch =
        new DriftWatch(
            GovernorBench.QUANTITIES,
            (_, _) -> Reference.ofBase(GovernorBench.QUANTITIES),
            WatchSettings.defaults(),
            seen,
            _ -> {},
            clock);
    history = new GovernorHistory(seen);
    sweep = new WatchSweep(bench.registry, watch, history);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void whatWasSeenOfADeletedAdapterIsDeleted() throws IOException {
    Served served = bench.active();
    Served damped = new Served(BIRDS, served.revision(), 0.7f);
    see(served);
    see(damped);
    watch.save();
    history.add(event(served));
    Files.writeString(seen.resolve("acme/birds/1-0x1.0p0.json.part"), "left by a kill");
    sweep.run();
    assertThat(files()).hasSize(4);

    bench.registry.delete(BIRDS, 0, "");
    see(served);
    sweep.run();
    watch.save();

    assertThat(files()).isEmpty();
    assertThat(seen).isEmptyDirectory();
    assertThat(watch.reports()).isEmpty();
    assertThat(history.of(BIRDS)).isEmpty();
  }

  @Test
  void whatIsKnownOfTheOthersStays() throws IOException {
    Served deleted = bench.active();
    Served retired = bench.active();
    Served live = bench.active();
    // Not known here yet, where another process has made it.
    Served next = new Served(BIRDS, live.revision() + 1, 1);
    Served stranger = new Served(STRANGER, 1, 1);
    for (Served each : List.of(deleted, retired, live, next, stranger)) {
      see(each);
    }
    watch.save();
    history.add(event(live));

    bench.registry.delete(BIRDS, deleted.revision(), "");
    sweep.run();

    assertThat(files())
        .containsExactlyInAnyOrder(
            "acme/birds/2-0x1.0p0.json",
            "acme/birds/3-0x1.0p0.json",
            "acme/birds/4-0x1.0p0.json",
            "acme/birds/governor.json",
            "acme/strangers/1-0x1.0p0.json");
    assertThat(watch.report(deleted)).isEmpty();
    assertThat(watch.report(retired)).isPresent();
    assertThat(history.of(BIRDS)).hasSize(1);
  }

  /** Revisions are never given a number again, so that a name that comes back has its own. */
  @Test
  void aNameThatCameBackKeepsItsOwn() throws IOException {
    see(bench.active());
    watch.save();
    bench.registry.delete(BIRDS, 0, "");
    Served anew = bench.active();
    see(anew);
    watch.save();

    sweep.run();

    assertThat(files()).containsExactly("acme/birds/2-0x1.0p0.json");
    assertThat(watch.report(anew)).isPresent();
  }

  /** Below the folder of a server alone lie those of its replicas. */
  @Test
  void otherProcessesFoldersAreLeftAlone() throws IOException {
    bench.registry.activate(BIRDS, Activation.of(bench.staged()));
    bench.registry.delete(BIRDS, 0, "");
    Path other = seen.resolve("of-other/acme/birds/1-0x1.0p0.json");
    Files.createDirectories(other.getParent());
    Files.writeString(other, "{}");

    sweep.run();

    assertThat(other).exists();
  }

  private void see(Served served) {
    GovernorBench.observe(watch, served, 5, 0);
  }

  private GovernorEvent event(Served served) {
    return new GovernorEvent(
        clock.instant(),
        GovernorBench.drift(served, 0.1),
        GovernorAction.WARN,
        Outcome.DONE,
        0,
        "for the test");
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(seen)) {
      return all.filter(Files::isRegularFile)
          .map(file -> seen.relativize(file).toString())
          .toList();
    }
  }
}
