package io.trimtab.testing;

import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.engine.api.AnswerReading;
import io.trimtab.engine.api.CandidateModel;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.DeltaStatistics;
import io.trimtab.engine.api.EncodedConversation;
import io.trimtab.engine.api.EngineHealth;
import io.trimtab.engine.api.EngineStatistics;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.engine.api.ModelSummary;
import io.trimtab.engine.api.RawPrompt;
import io.trimtab.engine.api.ReadingRequest;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.StepTimes;
import io.trimtab.engine.api.TokenCodec;
import io.trimtab.engine.delta.DeltaLease;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.TextPart;
import io.trimtab.model.text.TokenFrame;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An engine that plays a script instead of running a model, and remembers what it was asked. */
public final class FakeEngine implements InferenceEngine {
  public static final ServedBy SERVED_BY = ServedBy.base("fake", "0".repeat(64));
  public static final Completion.Usage USAGE = new Completion.Usage(12, 9, 2, 3);
  public static final Completion.Timings TIMINGS = new Completion.Timings(1, 2, 3, 4, 5);

  /** What happens to a request, on the thread that brings it. */
  public interface Script {
    void play(GenerationRequest request, GenerationListener listener);
  }

  /** A request that was taken in. */
  public record Taken(
      GenerationRequest request, GenerationListener listener, CompletableFuture<Void> cancelled) {}

  /** A scoring that was taken in. */
  public record Scored(ScoringRequest request, CompletableFuture<ScoringResult> result) {}

  private final BlockingQueue<Taken> taken = new LinkedBlockingQueue<>();
  private final BlockingQueue<Scored> scored = new LinkedBlockingQueue<>();
  private final Map<String, Picture> pictures = new ConcurrentHashMap<>();
  private final List<ResolvedRevision> preloaded = new CopyOnWriteArrayList<>();
  private final List<ResolvedRevision> unloaded = new CopyOnWriteArrayList<>();
  private final List<ResolvedRevision> pins = new CopyOnWriteArrayList<>();
  private volatile float outputChange = 1;
  private volatile @Nullable TrimtabException preloadFailure;
  private volatile Script script;
  private volatile Function<List<ChatMessage>, EncodedConversation> encoder =
      messages -> new EncodedConversation(new int[] {1, 2, 3, 4, 5, 6}, 4, List.of());
  private volatile @Nullable Function<ScoringRequest, ScoringResult> scores;
  private volatile @Nullable Function<ReadingRequest, CompletableFuture<AnswerReading>> readings;
  private volatile @Nullable BiFunction<PeftAdapter, Float, CandidateModel> candidates;
  private final List<Step> steps = new CopyOnWriteArrayList<>();
  private volatile @Nullable RuntimeException stepsFailure;
  private volatile int running;
  private volatile int waiting;
  private volatile int runningInBackground;
  private volatile int waitingInBackground;
  private volatile EngineHealth health = new EngineHealth.Ready();

  public FakeEngine(Script script) {
    this.script = script;
  }

  /** Answers every request at once, in these pieces. */
  public static FakeEngine answering(String... pieces) {
    return new FakeEngine(
        (request, listener) -> {
          listener.started(SERVED_BY);
          for (String piece : pieces) {
            listener.delta(piece, List.of());
          }
          listener.finished(completion(String.join("", pieces)));
        });
  }

  /** Takes requests and leaves their listeners to the test. */
  public static FakeEngine silent() {
    return new FakeEngine((request, listener) -> {});
  }

  public static Completion completion(String text) {
    return new Completion(Completion.FinishReason.STOP, text, USAGE, TIMINGS);
  }

  public void script(Script next) {
    script = next;
  }

  /** Scores every request at once from now on; what this throws is how it fails. */
  public void scores(Function<ScoringRequest, ScoringResult> next) {
    scores = next;
  }

  /** Reads answers from now on. */
  public void readings(Function<ReadingRequest, CompletableFuture<AnswerReading>> next) {
    readings = next;
  }

  @Override
  public CompletableFuture<AnswerReading> read(ReadingRequest request) {
    Function<ReadingRequest, CompletableFuture<AnswerReading>> reader = readings;
    return reader == null
        ? CompletableFuture.failedFuture(new IllegalStateException("Nothing is read here"))
        : reader.apply(request);
  }

  /** Where candidates come from. */
  public void candidates(BiFunction<PeftAdapter, Float, CandidateModel> next) {
    candidates = next;
  }

  /** Requests so far that {@link #next} has not given. */
  public List<GenerationRequest> requests() {
    return taken.stream().map(Taken::request).toList();
  }

  /** Scorings so far that {@link #nextScored} has not given. */
  public List<ScoringRequest> scorings() {
    return scored.stream().map(Scored::request).toList();
  }

  public void health(EngineHealth next) {
    health = next;
  }

  public void keep(String tenant, Picture picture) {
    pictures.put(tenant + "/" + picture.sha256(), picture);
  }

  /** The next request, waited for. */
  public Taken next() throws InterruptedException {
    return present(taken.poll(60, TimeUnit.SECONDS));
  }

  /** The next scoring, waited for. */
  public Scored nextScored() throws InterruptedException {
    return present(scored.poll(60, TimeUnit.SECONDS));
  }

  @Override
  public RequestHandle generate(GenerationRequest request, GenerationListener listener) {
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    taken.add(new Taken(request, listener, cancelled));
    script.play(request, listener);
    return () -> cancelled.complete(null);
  }

  @Override
  public CompletableFuture<ScoringResult> score(ScoringRequest request) {
    CompletableFuture<ScoringResult> result = new CompletableFuture<>();
    scored.add(new Scored(request, result));
    Function<ScoringRequest, ScoringResult> scoring = scores;
    if (scoring != null) {
      try {
        result.complete(scoring.apply(request));
      } catch (TrimtabException e) {
        result.completeExceptionally(e);
      }
    }
    return result;
  }

  @Override
  public Optional<Picture> picture(String tenant, String sha256) {
    return Optional.ofNullable(pictures.get(tenant + "/" + sha256));
  }

  @Override
  public CompletableFuture<Float> outputChange(PeftAdapter adapter) {
    return CompletableFuture.completedFuture(outputChange);
  }

  @Override
  public CompletableFuture<Void> preload(ResolvedRevision revision) {
    preloaded.add(revision);
    TrimtabException failure = preloadFailure;
    if (failure != null) {
      return CompletableFuture.failedFuture(failure);
    }
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<DeltaLease> pin(ResolvedRevision revision) {
    pins.add(revision);
    return CompletableFuture.completedFuture(DeltaLease.of(() -> pins.remove(revision)));
  }

  @Override
  public boolean unload(ResolvedRevision revision) {
    unloaded.add(revision);
    return !pins.contains(revision);
  }

  /** Revisions that were to be unloaded, in order. */
  public List<ResolvedRevision> unloaded() {
    return List.copyOf(unloaded);
  }

  /** Revisions that are pinned now. */
  public List<ResolvedRevision> pins() {
    return List.copyOf(pins);
  }

  /** What the probe will say of every delta. */
  public void outputChange(float change) {
    outputChange = change;
  }

  /** How loading will fail from now on; null for not at all. */
  public void preloadFailure(@Nullable TrimtabException failure) {
    preloadFailure = failure;
  }

  /** Revisions that were to be loaded, in order. */
  public List<ResolvedRevision> preloaded() {
    return List.copyOf(preloaded);
  }

  @Override
  public ModelSummary model() {
    return new ModelSummary(
        "fake", "qwen2_5_vl", "0".repeat(64), "fp32", "cpu", 4096, 8, List.of("q_proj", "k_proj"));
  }

  /** Every character is a token. */
  @Override
  public TokenCodec tokens() {
    return new TokenCodec() {
      @Override
      public CompletableFuture<List<Integer>> encode(String tenant, RawPrompt prompt) {
        return CompletableFuture.completedFuture(
            switch (prompt) {
              case RawPrompt.Text(String text, TokenFrame _) -> text.chars().boxed().toList();
              case RawPrompt.Tokens(List<Integer> ids) -> ids;
            });
      }

      @Override
      public CompletableFuture<List<Integer>> encode(String tenant, List<ChatMessage> messages) {
        return CompletableFuture.completedFuture(
            messages.stream()
                .flatMap(message -> message.parts().stream())
                .flatMap(
                    part ->
                        part instanceof TextPart(String text) ? text.chars().boxed() : Stream.of(0))
                .toList());
      }

      @Override
      public String decode(List<Integer> tokens) {
        StringBuilder text = new StringBuilder();
        tokens.forEach(token -> text.append((char) token.intValue()));
        return text.toString();
      }

      @Override
      public String textOf(int token) {
        return decode(List.of(token));
      }

      @Override
      public byte[] bytesOf(int token) {
        return textOf(token).getBytes(StandardCharsets.UTF_8);
      }
    };
  }

  @Override
  public EngineHealth health() {
    return health;
  }

  private static <T> T present(@Nullable T waitedFor) {
    if (waitedFor == null) {
      throw new AssertionError("No request reached the engine within 60 s");
    }
    return waitedFor;
  }

  @Override
  public CompletableFuture<EncodedConversation> encode(
      String tenant, List<ChatMessage> messages, String answer) {
    return CompletableFuture.completedFuture(encoder.apply(messages));
  }

  /** What conversations are encoded as from now on. */
  public void encoder(Function<List<ChatMessage>, EncodedConversation> next) {
    encoder = next;
  }

  @Override
  public CandidateModel candidate(PeftAdapter adapter, float scale) {
    BiFunction<PeftAdapter, Float, CandidateModel> source = candidates;
    if (source == null) {
      throw new UnsupportedOperationException("not faked");
    }
    return source.apply(adapter, scale);
  }

  private record Step(int rows, long nanos) {}

  /** So many decode steps of so many rows have run, each that long. */
  public void decoded(int rows, long nanos, int count) {
    running = rows;
    for (int i = 0; i < count; i++) {
      steps.add(new Step(rows, nanos));
    }
  }

  /** So many hold a slot and wait, so many of them in the background. */
  public void busy(int running, int waiting, int runningInBackground, int waitingInBackground) {
    this.running = running;
    this.waiting = waiting;
    this.runningInBackground = runningInBackground;
    this.waitingInBackground = waitingInBackground;
  }

  @Override
  public EngineStatistics statistics() {
    long decoded = steps.stream().mapToLong(Step::rows).sum();
    return new EngineStatistics(
        running,
        waiting,
        runningInBackground,
        waitingInBackground,
        steps.size(),
        decoded,
        0,
        0,
        0,
        0,
        0,
        0);
  }

  @Override
  public DeltaStatistics deltaStatistics() {
    return new DeltaStatistics(
        new DeltaStatistics.Host(pins.size(), 0, pins.size(), preloaded.size(), 0), 0, 0, 0);
  }

  /** What asking for steps throws from now on; nothing for null. */
  public void failSteps(@Nullable RuntimeException failure) {
    stepsFailure = failure;
  }

  @Override
  public StepTimes stepsSince(long first) {
    RuntimeException failure = stepsFailure;
    if (failure != null) {
      throw failure;
    }
    List<Step> all = List.copyOf(steps);
    List<Step> since = all.subList((int) Math.min(first, all.size()), all.size());
    return new StepTimes(
        since.stream().mapToLong(Step::nanos).toArray(),
        since.stream().mapToInt(Step::rows).toArray(),
        all.size());
  }
}
