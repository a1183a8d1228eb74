package io.trimtab.cli.bench;

import io.trimtab.adaptation.gate.Envelope;
import io.trimtab.adaptation.gate.EnvelopeJson;
import io.trimtab.adapter.AdapterId;
import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.QuestionWords;
import io.trimtab.drift.Reference;
import io.trimtab.drift.ReferenceSource;
import io.trimtab.drift.SeenShifts;
import io.trimtab.drift.SeenShifts.Seen;
import io.trimtab.drift.SeenShifts.Use;
import io.trimtab.drift.Served;
import io.trimtab.drift.Shift;
import io.trimtab.drift.WatchSettings;
import io.trimtab.drift.WatchedClasses;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.world.Drawing;
import io.trimtab.world.Question;
import io.trimtab.world.Skill;
import io.trimtab.world.World;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * What a watched revision costs: the heap that it holds, and the detectors' time for an answer.
 * Once as an upload is watched, against base, and once as a tuned revision is, against an envelope
 * of its own.
 *
 * <p>The envelopes are as the gate keeps them: {@value #PROBES} probes of the bundled world, and
 * {@value #VALIDATION} questions of a skill that differ from tenant to tenant by a word. Their
 * numbers are drawn, each tenant's by dice of its own, and each is read from its JSON as a server
 * does.
 */
final class WatchBench {
  private static final long SEED = 9_200;
  private static final int PROBES = 300;
  private static final int VALIDATION = 60;
  private static final int OBSERVATIONS = 200_000;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final Quantities QUANTITIES = new Quantities(WatchedClasses.builtIn());

  private final Path states;
  private final Map<String, List<QuestionWords>> kept = new TreeMap<>();
  private final List<QuestionWords> taught = new ArrayList<>();
  private final List<QuestionWords> asked = new ArrayList<>();

  /**
   * @param states where watches may write
   */
  WatchBench(Path states) {
    this.states = states;
    for (Drawing drawing : World.heldOut(SEED, PROBES)) {
      Question question = drawing.questions().getFirst();
      kept.computeIfAbsent(question.task(), _ -> new ArrayList<>()).add(words(question.text()));
      asked.add(words(question.text()));
    }
    for (Drawing drawing : World.skillExamples(Skill.SPECIES, SEED, VALIDATION)) {
      taught.add(words(drawing.questions().getFirst().text()));
      asked.add(taught.getLast());
    }
  }

  /**
   * Of so many tenants.
   *
   * @param tenants with one revision each, no more than are watched in memory by default
   */
  Map<String, Object> watching(int tenants) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("tenants under watch", tenants);
    figures.putAll(watching("against base: ", tenants, (_, _) -> Reference.ofBase(QUANTITIES)));
    figures.putAll(
        watching(
            "against envelopes: ",
            tenants,
            (_, tenant) -> Reference.of(EnvelopeJson.read(envelope(tenant)).live(), QUANTITIES)));
    return figures;
  }

  private Map<String, Object> watching(String name, int tenants, ReferenceSource references) {
    DriftWatch watch =
        new DriftWatch(
            QUANTITIES, references, WatchSettings.defaults(), states, _ -> {}, Clock.systemUTC());
    double[] values = new double[QUANTITIES.all().size()];
    Shift still = new Shift(values, values, values, 4);
    long before = usedHeap();
    for (int tenant = 0; tenant < tenants; tenant++) {
      watch.observe(served(tenant), still, asked(tenant), tenant + 1L);
    }
    long after = usedHeap();
    // The first half is not counted: the JVM compiles.
    long start = 0;
    for (int i = -OBSERVATIONS; i < OBSERVATIONS; i++) {
      start = i == 0 ? THREADS.getCurrentThreadCpuTime() : start;
      int number = i + OBSERVATIONS;
      watch.observe(served(number % tenants), still, asked(number), number + tenants + 1L);
    }
    long nanos = THREADS.getCurrentThreadCpuTime() - start;
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put(name + "heap bytes of each", (after - before) / watch.reports().size());
    figures.put(name + "detectors, ns of CPU an answer", nanos / OBSERVATIONS);
    return figures;
  }

  private QuestionWords asked(int number) {
    return asked.get(number % asked.size());
  }

  /** The tenant's number is that of its revision. */
  private static Served served(int tenant) {
    return new Served(new AdapterId("tenant-" + tenant, "adapter"), tenant + 1, 1);
  }

  private byte[] envelope(int tenant) {
    SplittableRandom random = new SplittableRandom(SEED + tenant);
    long own = random.nextLong();
    List<Seen> corrections = new ArrayList<>();
    for (QuestionWords words : taught) {
      Set<Long> keys = new HashSet<>(words.keys());
      keys.add(own);
      corrections.add(new Seen(new QuestionWords(keys), drawn(random, 1)));
    }
    List<SeenShifts> live = new ArrayList<>();
    live.add(SeenShifts.of("correction", Use.TAUGHT, corrections, QUANTITIES));
    kept.forEach(
        (task, questions) ->
            live.add(
                SeenShifts.of(
                    task,
                    Use.KEPT,
                    questions.stream().map(words -> new Seen(words, drawn(random, 0.1))).toList(),
                    QUANTITIES)));
    Envelope.Moments none = new Envelope.Moments(0, 0, 0);
    Envelope.Side unread = new Envelope.Side(0, none, none, none, Map.of());
    return EnvelopeJson.write(new Envelope(1, unread, unread, live));
  }

  private static Shift drawn(SplittableRandom random, double most) {
    double[] values = random.doubles(QUANTITIES.all().size(), 0, most).toArray();
    return new Shift(values, values, values, 4);
  }

  private static QuestionWords words(String question) {
    return QuestionWords.of(List.of(new ChatMessage(Role.USER, List.of(new TextPart(question)))));
  }

  private static long usedHeap() {
    Runtime runtime = Runtime.getRuntime();
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      runtime.gc();
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }
}
