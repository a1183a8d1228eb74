package io.trimtab.adaptation.governor;

import io.trimtab.adaptation.AdapterPublisher;
import io.trimtab.adaptation.FaultyStore;
import io.trimtab.adaptation.UploadLimits;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSelector;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.NewRevision;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionFiles;
import io.trimtab.adapter.RevisionState;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.DriftListener;
import io.trimtab.drift.DriftSignal;
import io.trimtab.drift.DriftSignal.Cause;
import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.QuestionWords;
import io.trimtab.drift.Reference;
import io.trimtab.drift.SeenShifts;
import io.trimtab.drift.SeenShifts.Seen;
import io.trimtab.drift.SeenShifts.Use;
import io.trimtab.drift.Served;
import io.trimtab.drift.Shift;
import io.trimtab.drift.WatchSettings;
import io.trimtab.drift.WatchedClasses;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.Checkpoint;
import io.trimtab.store.BlobDraft;
import io.trimtab.store.ObjectStore;
import io.trimtab.testing.FakeEngine;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.Shared;
import io.trimtab.testing.TurnedClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A governor over a real registry and publisher, with an engine that loads what it is told to.
 * Signals are acted upon by whoever brings them. Another one over the same store is another server.
 */
final class GovernorBench {
  static final AdapterId BIRDS = new AdapterId("acme", "birds");
  static final Quantities QUANTITIES = new Quantities(WatchedClasses.builtIn());
  private static final PeftFolder FOLDER = PeftFolder.reference("llava-onevision", "sa-proj");
  static final AdapterLimits LIMITS = new AdapterLimits(16, 8 << 10, 256 << 10, 9, 9);

  final FakeEngine engine = FakeEngine.answering("A tit");
  final FaultyStore store;
  final TurnedClock clock;
  final AdapterRegistry registry;
  final AdapterPublisher publisher;
  final List<GovernorEvent> told = new ArrayList<>();
  final List<AdapterId> retrained = new ArrayList<>();
  final List<Served> probed = new ArrayList<>();

  /** What the probes refuse, as the governor is told when it asks. */
  Supplier<List<DriftSignal>> refusals = List::of;

  /** Which revisions no probe was put to since the start. */
  Predicate<Served> awaited = _ -> false;

  final CallersThread thread = new CallersThread();
  final Governor governor;
  private final Path folder;
  private @Nullable TrimtabException noRetraining;

  /**
   * @param folder of this server alone
   */
  GovernorBench(ObjectStore store, TurnedClock clock, Path folder, GovernorSettings settings) {
    this.store = new FaultyStore(store);
    this.clock = clock;
    this.folder = folder;
    this.registry = AdapterRegistry.open(this.store, LIMITS, clock);
    try (Checkpoint base = Checkpoint.open(Shared.path("reference/llava-onevision"))) {
      this.publisher =
          new AdapterPublisher(
              engine,
              new PeftReader(base.config(), LIMITS),
              this.store,
              registry,
              LIMITS,
              UploadLimits.defaults());
    }
    this.governor =
        new Governor(
            registry,
            publisher,
            this::retrain,
            new OrderedProbes(),
            new GovernorHistory(folder),
            told::add,
            settings,
            thread,
            clock);
  }

  private final class OrderedProbes implements Probing {
    @Override
    public void order(Served served) {
      probed.add(served);
    }

    @Override
    public List<DriftSignal> refusals() {
      return refusals.get();
    }

    @Override
    public boolean awaitsFirst(Served served) {
      return awaited.test(served);
    }
  }

  private String retrain(AdapterId id) {
    if (noRetraining != null) {
      throw noRetraining;
    }
    retrained.add(id);
    return "job-" + retrained.size();
  }

  /** Why no job is queued from now on. */
  void noRetraining(TrimtabException refusal) {
    noRetraining = refusal;
  }

  /** A new revision that no gate has seen, staged. */
  int staged() {
    return staged(null);
  }

  /**
   * A new revision, staged.
   *
   * @param gate null where no gate has seen it
   */
  int staged(@Nullable GateReport gate) {
    RevisionFiles files = new RevisionFiles(put(FOLDER.config()), put(FOLDER.weights()), 13);
    return registry
        .add(
            BIRDS,
            new NewRevision(
                "d".repeat(64),
                RevisionState.STAGED,
                "upload",
                4,
                List.of("q_proj"),
                1,
                files,
                "",
                "",
                engine.model().digest(),
                1,
                gate))
        .lastRevision();
  }

  /** A new revision, served to all at the whole scale. */
  Served active() {
    int number = staged();
    registry.activate(BIRDS, Activation.of(number));
    return new Served(BIRDS, number, 1);
  }

  /** A new revision, served to half of all. */
  Served canary() {
    int number = staged();
    registry.activate(BIRDS, new Activation(number, 50, Activation.Force.RESPECTING_STATE, "", 0));
    return new Served(BIRDS, number, 1);
  }

  private String put(Path file) {
    try (BlobDraft draft = store.newBlob(1 << 20)) {
      draft.write(ByteBuffer.wrap(Files.readAllBytes(file)));
      return draft.commit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static DriftSignal drift(Served served, double excess) {
    return signal(served, DriftLevel.DRIFT, Cause.MODEL, excess);
  }

  static DriftSignal signal(Served served, DriftLevel level, Cause cause, double excess) {
    return new DriftSignal(
        new TurnedClock().instant(),
        served,
        "numbers_bias+",
        level,
        20,
        10,
        excess,
        cause,
        100,
        "says numbers");
  }

  AdapterSnapshot now() {
    return registry.get(BIRDS);
  }

  Revision revision(int number) {
    return now().revision(number).orElseThrow();
  }

  /** What the next request by name is served by; empty for base. */
  Optional<ResolvedRevision> served() {
    return registry.resolve("acme", new AdapterSelector.Served("birds"), "request");
  }

  /** A watch with an envelope in which nothing moves; what it signals goes to the listener. */
  DriftWatch watch(DriftListener listener) {
    Reference still =
        Reference.of(
            List.of(
                SeenShifts.of(
                    "color",
                    Use.KEPT,
                    List.of(new Seen(words(1), shift(0)), new Seen(words(2), shift(0))),
                    QUANTITIES)),
            QUANTITIES);
    return new DriftWatch(
        QUANTITIES,
        (_, _) -> still,
        WatchSettings.defaults(),
        folder.resolve("watch"),
        listener,
        clock);
  }

  /** So many answers to different questions, of which every quantity but the control is this. */
  static void observe(DriftWatch watch, Served served, int answers, double value) {
    for (int i = 0; i < answers; i++) {
      watch.observe(served, shift(value), words(7), 1000 + i);
    }
  }

  private static Shift shift(double value) {
    double[] values = new double[QUANTITIES.all().size()];
    Arrays.fill(values, value);
    values[QUANTITIES.control()] = 0;
    return new Shift(values, values, values, 3);
  }

  private static QuestionWords words(long key) {
    return new QuestionWords(Set.of(key));
  }
}
