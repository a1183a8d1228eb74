package io.trimtab.engine;

import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.RevisionSource;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.engine.ServedRevisions.Choice;
import io.trimtab.engine.api.AnswerReading;
import io.trimtab.engine.api.CandidateModel;
import io.trimtab.engine.api.DeltaStatistics;
import io.trimtab.engine.api.EncodedConversation;
import io.trimtab.engine.api.EngineHealth;
import io.trimtab.engine.api.EngineStatistics;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.engine.api.ModelSelection;
import io.trimtab.engine.api.ModelSummary;
import io.trimtab.engine.api.Priority;
import io.trimtab.engine.api.ReadingRequest;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.StepTimes;
import io.trimtab.engine.api.TokenCodec;
import io.trimtab.engine.delta.DeltaLease;
import io.trimtab.engine.delta.EmptyDeltas;
import io.trimtab.engine.delta.HostDelta;
import io.trimtab.engine.delta.HostDeltas;
import io.trimtab.engine.execution.Closing;
import io.trimtab.engine.execution.DeviceChoice;
import io.trimtab.engine.execution.LoadedModel;
import io.trimtab.engine.execution.OrtModelExecutor;
import io.trimtab.engine.execution.TokenSets;
import io.trimtab.engine.scheduling.Admission;
import io.trimtab.engine.scheduling.RequestIntake;
import io.trimtab.engine.scheduling.RequestTicket;
import io.trimtab.engine.scheduling.StepLoop;
import io.trimtab.engine.vision.BoundedCache;
import io.trimtab.engine.vision.ImageEmbeddings;
import io.trimtab.engine.vision.PictureCache;
import io.trimtab.engine.vision.PictureEncoder;
import io.trimtab.engine.vision.TowerFeatures;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.Family;
import io.trimtab.model.TextConfig;
import io.trimtab.model.graph.Projection;
import io.trimtab.model.graph.WriteProgress;
import io.trimtab.model.image.ImagePreprocessor;
import io.trimtab.model.image.PictureDecoder;
import io.trimtab.model.image.PreprocessorConfig;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ChatTemplate;
import io.trimtab.model.text.GenerationDefaults;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PositionScheme;
import io.trimtab.model.text.PromptBuilder;
import io.trimtab.model.text.TextTokenizer;
import io.trimtab.ort.Device;
import io.trimtab.tensor.DType;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * One model, loaded, and the loop that serves it.
 *
 * <p>A request is taken in at once or refused, prepared on a thread of its own pool, and handed to
 * the step loop. {@link #start} begins serving, {@link #close} ends every request and frees the
 * model.
 */
public final class Engine implements InferenceEngine, AutoCloseable {
  private final LoadedModel model;
  private final EngineOptions options;
  private final Clock clock;
  private final TextTokenizer tokenizer;

  /** Closes an assistant's turn: the first of the end tokens, as generation_config.json has it. */
  private final OptionalInt endOfTurn;

  private final RequestPreparation preparation;
  private final PictureCache pictures;
  private final EmptyDeltas emptyDeltas;
  private final TokenSets tokenSets;
  private final HostDeltas deltas;
  private final OrtModelExecutor executor;
  private final RequestIntake intake;
  private final StepLoop loop;
  private final ServedRevisions revisions;
  private final RequestSequences sequences;
  private final OutputProbe probe;
  private final ModelSummary summary;
  private final TokenCodec codec;

  private Engine(
      LoadedModel model,
      TextTokenizer tokenizer,
      EngineOptions options,
      RevisionSource revisions,
      Clock clock) {
    Checkpoint checkpoint = model.checkpoint();
    TextConfig text = checkpoint.config().text();
    this.model = model;
    this.tokenizer = tokenizer;
    this.options = options;
    this.clock = clock;
    List<Integer> ends = GenerationDefaults.read(checkpoint.folder()).eosTokenIds();
    this.endOfTurn = ends.isEmpty() ? OptionalInt.empty() : OptionalInt.of(ends.getFirst());
    int sequenceTokensMax =
        Math.min(
            options.maxSequenceTokens().orElse(text.maxPositionEmbeddings()),
            text.maxPositionEmbeddings());
    this.pictures = new PictureCache(options.caches().pictureBytes());
    this.preparation =
        new RequestPreparation(
            new PictureEncoder(
                new PictureDecoder(options.pictures()),
                ImagePreprocessor.of(
                    checkpoint.config(), PreprocessorConfig.read(checkpoint.folder())),
                model.tower(),
                model.projector(),
                new BoundedCache<>(options.caches().visionBytes(), TowerFeatures::bytes),
                new BoundedCache<>(options.caches().imageBytes(), ImageEmbeddings::bytes),
                PictureEncoder.PIXEL_BYTES_KEPT),
            new PromptBuilder(
                ChatTemplate.read(checkpoint.folder()),
                tokenizer,
                checkpoint.config().imageTokenId(),
                positions(checkpoint.config().family())),
            pictures,
            sequenceTokensMax);
    int prefillChunkTokens = Math.min(options.prefillChunkTokens(), sequenceTokensMax);
    DType activation = model.graphs().precision().activation();
    this.emptyDeltas = new EmptyDeltas(model.environment(), text, activation);
    this.tokenSets =
        TokenSets.of(
            options.tokenSets(), text.vocabularySize(), tokenizer::textOf, model.environment());
    this.deltas =
        new HostDeltas(
            revisions,
            new PeftReader(checkpoint.config(), options.adapters()),
            activation,
            model.environment(),
            emptyDeltas,
            options.caches().adapterBytes());
    this.executor =
        new OrtModelExecutor(
            model,
            emptyDeltas,
            tokenSets,
            options.maxBatch(),
            sequenceTokensMax,
            prefillChunkTokens,
            options.caches().prefixBytes());
    Admission admission =
        new Admission(options.queueMax(), options.queuePerTenantMax(), options.waitingBytesMax());
    this.loop =
        new StepLoop(executor, admission, prefillChunkTokens, options.runningPerTenantMax());
    this.intake = new RequestIntake(admission, loop);
    this.revisions =
        new ServedRevisions(
            revisions, deltas, ServedBy.base(checkpoint.name(), model.graphs().digest()));
    this.sequences =
        new RequestSequences(
            preparation,
            tokenizer,
            Set.copyOf(ends),
            text.vocabularySize(),
            options.defaultMaxTokens(),
            sequenceTokensMax);
    this.probe = new OutputProbe(this::score, intake.executor("", Priority.INTERACTIVE));
    this.summary = summary(sequenceTokensMax);
    this.codec = new ServedTokens(preparation, tokenizer, intake);
  }

  /**
   * Loads a model; imports its graphs first where they are not in the cache.
   *
   * @param revisions what the names of adapters mean
   * @throws TrimtabException INVALID_ARGUMENT for a folder or a choice that can't be served
   */
  public static Engine open(
      ModelSelection selection,
      EngineOptions options,
      RevisionSource revisions,
      Clock clock,
      WriteProgress progress) {
    Closing opened = new Closing();
    try {
      LoadedModel model = opened.add(LoadedModel.open(selection, options.threads(), progress));
      TextTokenizer tokenizer =
          opened.add(
              TextTokenizer.read(selection.folder(), model.checkpoint().config().imageTokenId()));
      return new Engine(model, tokenizer, options, revisions, clock);
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private static PositionScheme positions(Family family) {
    return switch (family) {
      case LLAVA_ONEVISION, LLAVA_NEXT, LLAVA -> PositionScheme.SEQUENTIAL;
      case QWEN2_5_VL -> PositionScheme.GRIDDED;
    };
  }

  private ModelSummary summary(int sequenceTokensMax) {
    List<String> targets = new ArrayList<>();
    Projection.ALL.forEach(projection -> targets.add(projection.wireName()));
    targets.add("projector");
    Device device = model.languageModel().device();
    return new ModelSummary(
        model.checkpoint().name(),
        model.checkpoint().config().family().modelType(),
        model.graphs().digest(),
        model.graphs().precision().wireName(),
        DeviceChoice.wireName(device),
        sequenceTokensMax,
        options.maxBatch(),
        targets);
  }

  public void start() {
    loop.start();
  }

  @Override
  public RequestHandle generate(GenerationRequest request, GenerationListener listener) {
    Choice choice = revisions.choose(request.tenant(), request.adapter(), request.requestId());
    return generate(request, choice, listener);
  }

  private RequestHandle generate(
      GenerationRequest request, Choice choice, GenerationListener listener) {
    RequestTicket ticket =
        new RequestTicket(
            request.requestId(),
            request.tenant(),
            request.priority(),
            request.origin().trace(),
            request.deadline(),
            clock.instant(),
            loop::wake);
    intake.take(
        ticket,
        RequestPreparation.held(request.messages()),
        choice.delta(),
        listener::failed,
        lease -> sequences.of(request, ticket, choice.servedBy(), lease, listener));
    return ticket;
  }

  @Override
  public CompletableFuture<ScoringResult> score(ScoringRequest request) {
    Choice choice = revisions.choose(request.tenant(), request.adapter(), request.requestId());
    if (request.continuation().isEmpty()
        && request.positions() == ScoringRequest.Positions.CONTINUATION) {
      throw TrimtabException.invalid(
          "The continuation is empty and no prompt positions are asked for");
    }
    return score(request, choice);
  }

  /** Scores under a delta that is not registered. */
  private CompletableFuture<ScoringResult> score(
      ScoringRequest request, Supplier<DeltaLease> lease) {
    return score(request, revisions.ofBase(lease));
  }

  private CompletableFuture<ScoringResult> score(ScoringRequest request, Choice choice) {
    RequestTicket ticket =
        new RequestTicket(
            request.requestId(),
            request.tenant(),
            request.priority(),
            request.deadline(),
            clock.instant(),
            loop::wake);
    CompletableFuture<ScoringResult> result = new CompletableFuture<>();
    intake.take(
        ticket,
        RequestPreparation.held(request.messages()),
        choice.delta(),
        result::completeExceptionally,
        lease -> sequences.of(request, ticket, choice.servedBy(), lease, result));
    return cancelling(ticket, result);
  }

  @Override
  public CompletableFuture<AnswerReading> read(ReadingRequest request) {
    request
        .outside(model.checkpoint().config().text().vocabularySize())
        .ifPresent(
            reason -> {
              throw TrimtabException.invalid(reason);
            });
    Choice choice = revisions.choose(request.tenant(), request.adapter(), request.requestId());
    RequestTicket ticket =
        new RequestTicket(
            request.requestId(),
            request.tenant(),
            request.priority(),
            Optional.empty(),
            clock.instant(),
            loop::wake);
    CompletableFuture<AnswerReading> result = new CompletableFuture<>();
    intake.take(
        ticket,
        RequestPreparation.held(request.messages()),
        choice.delta(),
        result::completeExceptionally,
        lease -> sequences.of(request, ticket, lease, result));
    return cancelling(ticket, result);
  }

  /** A caller that cancels the result ends the request. */
  private static <T> CompletableFuture<T> cancelling(
      RequestTicket ticket, CompletableFuture<T> result) {
    result.whenComplete(
        (_, _) -> {
          if (result.isCancelled()) {
            ticket.cancel();
          }
        });
    return result;
  }

  @Override
  public Optional<Picture> picture(String tenant, String sha256) {
    return pictures.get(tenant, sha256);
  }

  @Override
  public CompletableFuture<Float> outputChange(PeftAdapter adapter) {
    return probe.change(() -> unregistered(adapter));
  }

  private DeltaLease unregistered(PeftAdapter adapter) {
    HostDelta delta = deltas.unregistered(adapter, 1);
    // Not closed on the loop's thread: giving shared memory back stops all threads for a moment.
    return DeltaLease.of(delta, () -> Thread.startVirtualThread(delta::close));
  }

  @Override
  public CompletableFuture<EncodedConversation> encode(
      String tenant, List<ChatMessage> messages, String answer) {
    if (endOfTurn.isEmpty()) {
      return CompletableFuture.failedFuture(
          new TrimtabException(
              ErrorCode.FAILED_PRECONDITION,
              "The checkpoint names no eos_token_id, expected one: no delta could learn to stop"));
    }
    return CompletableFuture.supplyAsync(
        () -> preparation.encode(tenant, messages, answer, endOfTurn.getAsInt()),
        intake.executor(tenant, Priority.BACKGROUND));
  }

  @Override
  public CandidateModel candidate(PeftAdapter adapter, float scale) {
    HostDelta delta = deltas.unregistered(adapter, scale);
    return new LeasedCandidate(
        delta,
        new LeasedCandidate.Requests() {
          @Override
          public RequestHandle generate(
              GenerationRequest request, Supplier<DeltaLease> lease, GenerationListener listener) {
            return Engine.this.generate(request, revisions.ofBase(lease), listener);
          }

          @Override
          public CompletableFuture<ScoringResult> score(
              ScoringRequest request, Supplier<DeltaLease> lease) {
            return Engine.this.score(request, lease);
          }
        });
  }

  @Override
  public CompletableFuture<Void> preload(ResolvedRevision revision) {
    return pin(revision).thenAccept(DeltaLease::close);
  }

  @Override
  public boolean unload(ResolvedRevision revision) {
    return deltas.evict(revision);
  }

  @Override
  public CompletableFuture<DeltaLease> pin(ResolvedRevision revision) {
    return revisions.pin(revision);
  }

  @Override
  public ModelSummary model() {
    return summary;
  }

  @Override
  public TokenCodec tokens() {
    return codec;
  }

  @Override
  public EngineHealth health() {
    return loop.health();
  }

  @Override
  public DeltaStatistics deltaStatistics() {
    HostDeltas.Statistics host = deltas.statistics();
    return new DeltaStatistics(
        new DeltaStatistics.Host(
            host.deltas(), host.bytes(), host.leases(), host.loads(), host.evictions()),
        executor.deltas().bytes(),
        executor.deltas().layouts(),
        executor.deltas().placements());
  }

  @Override
  public StepTimes stepsSince(long first) {
    return loop.stepsSince(first);
  }

  /** Bytes set aside for keys and values of earlier prompts. */
  public long prefixCacheBytes() {
    return executor.prefixBytes();
  }

  @Override
  public EngineStatistics statistics() {
    return loop.statistics();
  }

  /** Bytes of the graphs' weights, the vision tower's included. */
  public long weightBytes() {
    return model.graphs().weightBytes();
  }

  /** Bytes of the language model's weights: what a decode step reads. */
  public long languageModelBytes() {
    return model.graphs().languageModelBytes();
  }

  /** Ends every request as UNAVAILABLE, then frees the model. Returns when both are done. */
  @Override
  public void close() {
    try {
      loop.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    intake.close();
    executor.close();
    deltas.close();
    emptyDeltas.close();
    tokenSets.close();
    tokenizer.close();
    model.close();
  }
}
