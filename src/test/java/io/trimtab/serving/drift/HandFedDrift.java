package io.trimtab.serving.drift;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trimtab.adaptation.governor.Governor;
import io.trimtab.adaptation.governor.GovernorAction;
import io.trimtab.adaptation.governor.GovernorEvent;
import io.trimtab.adaptation.governor.GovernorHistory;
import io.trimtab.adaptation.governor.GovernorSettings;
import io.trimtab.adaptation.governor.GovernorWatchers;
import io.trimtab.adaptation.governor.ProbeFailure;
import io.trimtab.adaptation.governor.ProbeOutcomes;
import io.trimtab.adaptation.governor.ProbeRun;
import io.trimtab.adaptation.governor.Probing;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.NewRevision;
import io.trimtab.adapter.RevisionFiles;
import io.trimtab.adapter.RevisionState;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.DriftSignal;
import io.trimtab.drift.DriftSignal.Cause;
import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.QuestionWords;
import io.trimtab.drift.Reference;
import io.trimtab.drift.SeenShifts;
import io.trimtab.drift.Served;
import io.trimtab.drift.ShadowStatistics;
import io.trimtab.drift.Shift;
import io.trimtab.drift.WatchSettings;
import io.trimtab.drift.WatchedClasses;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.OpenCalls;
import io.trimtab.store.BlobDraft;
import io.trimtab.testing.AdapterBench;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A drift watch that a test feeds answers, and a governor that acts on what follows. Revisions that
 * a gate has seen did nothing otherwise than base there; alarms come after some answers already.
 */
public final class HandFedDrift implements AutoCloseable {
  /** All that happens here, happens then. */
  public static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private static final QuestionWords WORDS = new QuestionWords(Set.of(7L));
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final WatchSettings SETTINGS = new WatchSettings(0.1, 256, 256, 100, 2, 100);

  private final AdapterBench bench;
  private final Quantities quantities = new Quantities(WatchedClasses.builtIn());
  private final GovernorHistory history;
  private final GovernorWatchers watchers = new GovernorWatchers(List.of());
  private final ExecutorService governing = Executors.newSingleThreadExecutor();
  private final Map<Served, ProbeRun> probed = new HashMap<>();
  private final Map<Served, ProbeFailure> unprobed = new HashMap<>();
  private final Governor governor;
  private final DriftWatch watch;
  private long questions;

  public HandFedDrift(AdapterBench bench) {
    this.bench = bench;
    this.history = new GovernorHistory(bench.folder().resolve("drift"));
    this.governor =
        new Governor(
            bench.registry(),
            bench.publisher(),
            id -> {
              throw new TrimtabException(ErrorCode.FAILED_PRECONDITION, "There are no examples");
            },
            new NoProbes(),
            history,
            watchers,
            GovernorSettings.defaults(),
            governing,
            CLOCK);
    this.watch =
        new DriftWatch(
            quantities,
            this::reference,
            SETTINGS,
            bench.folder().resolve("drift"),
            governor,
            CLOCK);
  }

  private static final class NoProbes implements Probing {
    @Override
    public void order(Served served) {}

    @Override
    public List<DriftSignal> refusals() {
      return List.of();
    }

    @Override
    public boolean awaitsFirst(Served served) {
      return false;
    }
  }

  private Reference reference(AdapterId id, int revision) {
    boolean gated =
        bench
            .registry()
            .get(id)
            .revision(revision)
            .filter(each -> each.files().envelope() != null)
            .isPresent();
    if (!gated) {
      return Reference.ofBase(quantities);
    }
    Map<String, Double> zeros = new HashMap<>();
    quantities.all().forEach(quantity -> zeros.put(quantity.key(), 0.0));
    return Reference.of(
        List.of(new SeenShifts("colours", SeenShifts.Use.KEPT, Map.of(), 100, zeros, Map.of())),
        quantities);
  }

  public DriftService service(OpenCalls openCalls) {
    return new DriftService(
        new DriftReports(
            bench.registry(),
            watch,
            history,
            new HandGiven(),
            () -> new ShadowStatistics(20, 15, 60, 4, 1),
            SETTINGS.share()),
        watchers,
        bench.registry(),
        bench.uploadLimits(),
        openCalls);
  }

  /** Whether a gate has seen a revision. */
  public enum Gate {
    SEEN,
    UNSEEN
  }

  /** Adds a revision, to be served to so many of a hundred. */
  public Served serve(AdapterId id, Gate gate, int percent) {
    String blob = blob("weights " + gate);
    NewRevision revision =
        new NewRevision(
            blob,
            RevisionState.STAGED,
            "upload",
            4,
            List.of("q_proj"),
            16,
            new RevisionFiles(blob, blob, 9, gate == Gate.SEEN ? blob : null),
            "",
            "",
            bench.engine().model().digest(),
            1,
            null);
    int number = bench.registry().add(id, revision).lastRevision();
    var _ =
        bench
            .registry()
            .activate(
                id, new Activation(number, percent, Activation.Force.RESPECTING_STATE, "", 0));
    return new Served(id, number, 1);
  }

  private String blob(String contents) {
    try (BlobDraft draft = bench.store().newBlob(1 << 10)) {
      draft.write(ByteBuffer.wrap(contents.getBytes(UTF_8)));
      return draft.commit();
    }
  }

  /**
   * So many answers of three tokens, each to another question, with this mass on number tokens,
   * where base has none. Returns when the governor has dealt with what follows.
   */
  public void answered(Served served, int count, double numbers) throws Exception {
    for (int i = 0; i < count; i++) {
      int size = quantities.all().size();
      double[] values = new double[size];
      double[] tuned = new double[size];
      values[0] = numbers;
      tuned[0] = numbers;
      tuned[1] = numbers;
      watch.observe(served, new Shift(values, new double[size], tuned, 3), WORDS, ++questions);
    }
    settle();
  }

  /** The question before once more. */
  public void repeated(Served served) {
    double[] none = new double[quantities.all().size()];
    watch.observe(served, new Shift(none, none, none, 3), WORDS, questions);
  }

  private final class HandGiven implements ProbeOutcomes {
    @Override
    public Optional<ProbeRun> last(Served served) {
      return Optional.ofNullable(probed.get(served));
    }

    @Override
    public Optional<ProbeFailure> failure(Served served) {
      return Optional.ofNullable(unprobed.get(served));
    }
  }

  public void notProbed(Served served, ProbeFailure why) {
    unprobed.put(served, why);
  }

  public void probed(ProbeRun run) {
    probed.put(run.served(), run);
  }

  /** So many signals, warnings and their ends by turns; the statistic of each is its number. */
  public void flapped(Served served, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      DriftLevel level = i % 2 == 0 ? DriftLevel.WARNING : DriftLevel.STABLE;
      governor.signal(
          new DriftSignal(
              NOW, served, "numbers_bias+", level, i, 1000, 0, Cause.MODEL, 1, "as told"));
    }
    settle();
  }

  /** Tells watchers of a warning that nothing was seen for. */
  public void warn(Served served, String detail) {
    DriftSignal signal =
        new DriftSignal(
            NOW, served, "numbers_bias+", DriftLevel.WARNING, 1, 2, 0, Cause.MODEL, 1, detail);
    watchers.tell(
        new GovernorEvent(NOW, signal, GovernorAction.WARN, GovernorEvent.Outcome.DONE, 0, detail));
  }

  private void settle() throws Exception {
    governing.submit(() -> {}).get();
  }

  @Override
  public void close() {
    governing.shutdownNow();
  }
}
