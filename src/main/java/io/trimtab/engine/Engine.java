package io.trimtab.engine;

import io.trimtab.adapter.AdapterSelector;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.RevisionSource;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.engine.Generation.TokenTexts;
import io.trimtab.engine.RequestPreparation.Prepared;
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
import io.trimtab.engine.api.ReadingRequest;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.ResponseFormat;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.SamplingParameters.EndTokens;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.StepTimes;
import io.trimtab.engine.api.TokenCodec;
import io.trimtab.engine.constraint.Constraints;
import io.trimtab.engine.constraint.TokenConstraint;
import io.trimtab.engine.delta.DeltaLease;
import io.trimtab.engine.delta.EmptyDeltas;
import io.trimtab.engine.delta.HostDelta;
import io.trimtab.engine.delta.HostDeltas;
import io.trimtab.engine.execution.Closing;
import io.trimtab.engine.execution.DeviceChoice;
import io.trimtab.engine.execution.LoadedModel;
import io.trimtab.engine.execution.OrtModelExecutor;
import io.trimtab.engine.execution.TokenSets;
import io.trimtab.engine.sampling.Sampler;
import io.trimtab.engine.sampling.SamplingWorkspace;
import io.trimtab.engine.scheduling.Admission;
import io.trimtab.engine.scheduling.RequestIntake;
import io.trimtab.engine.scheduling.RequestTicket;
import io.trimtab.engine.scheduling.Sequence;
import io.trimtab.engine.scheduling.StepLoop;
import io.trimtab.engine.vision.BoundedCache;
import io.trimtab.engine.vision.ImageEmbeddings;
import io.trimtab.engine.vision.PictureCache;
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
import io.trimtab.model.text.StopMatcher;
import io.trimtab.model.text.TextTokenizer;
import io.trimtab.ort.Device;
import io.trimtab.tensor.DType;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * One model, loaded, and the loop that serves it.
 *
 * <p>A request is taken in at once or refused, read on a thread of its own pool, and handed to the
 * step loop. {@link #start} begins serving, {@link #close} ends every request and frees the model.
 */
public final class Engine implements InferenceEngine, AutoCloseable {
  private final LoadedModel model;
  private final EngineOptions options;
  private final Clock clock;
  private final TextTokenizer tokenizer;
  private final Set<Integer> endTokens;

  /** Closes an assistant's turn: the first of the end tokens, as generation_config.json has it. */
  private final OptionalInt endOfTurn;

  private final RequestPreparation preparation;
  private final PictureCache pictures;
  private final RevisionSource revisions;
  private final EmptyDeltas emptyDeltas;
  private final TokenSets tokenSets;
  private final HostDeltas deltas;
  private final OrtModelExecutor executor;
  private final RequestIntake intake;
  private final StepLoop loop;
  private final SamplingWorkspace workspace;
  private final Constraints constraints;
  private final ServedBy base;
  private final ModelSummary summary;
  private final TokenCodec codec;
  private final Object probing = new Object();

  /** The probe that the next one waits for; guarded by {@link #probing}. */
  private CompletableFuture<Float> lastProbe = CompletableFuture.completedFuture(0f);

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
    this.revisions = revisions;
    this.clock = clock;
    List<Integer> ends = GenerationDefaults.read(checkpoint.folder()).eosTokenIds();
    this.endTokens = Set.copyOf(ends);
    this.endOfTurn = ends.isEmpty() ? OptionalInt.empty() : OptionalInt.of(ends.getFirst());
    int sequenceTokensMax =
        Math.min(
            options.maxSequenceTokens().orElse(text.maxPositionEmbeddings()),
            text.maxPositionEmbeddings());
    this.pictures = new PictureCache(options.caches().pictureBytes());
    this.preparation =
        new RequestPreparation(
            new PictureDecoder(options.pictures()),
            ImagePreprocessor.of(checkpoint.config(), PreprocessorConfig.read(checkpoint.folder())),
            new PromptBuilder(
                ChatTemplate.read(checkpoint.folder()),
                tokenizer,
                checkpoint.config().imageTokenId(),
                positions(checkpoint.config().family())),
            model.tower(),
            model.projector(),
            new BoundedCache<>(options.caches().visionBytes(), TowerFeatures::bytes),
            new BoundedCache<>(options.caches().imageBytes(), ImageEmbeddings::bytes),
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
    this.workspace = new SamplingWorkspace(text.vocabularySize());
    this.constraints = new Constraints(tokenizer, text.vocabularySize());
    this.base = ServedBy.base(checkpoint.name(), model.graphs().digest());
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
      case LLAVA_ONEVISION -> PositionScheme.SEQUENTIAL;
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
    Optional<ResolvedRevision> revision =
        resolve(request.tenant(), request.adapter(), request.requestId());
    return generate(request, servedBy(revision), () -> lease(revision), listener);
  }

  private RequestHandle generate(
      GenerationRequest request,
      ServedBy servedBy,
      Supplier<CompletableFuture<DeltaLease>> delta,
      GenerationListener listener) {
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
        delta,
        listener::failed,
        lease -> sequence(request, ticket, servedBy, lease, listener));
    return ticket;
  }

  /** What the name means now; the request is served by that, whatever the name means later. */
  private Optional<ResolvedRevision> resolve(String tenant, String adapter, String requestId) {
    Optional<ResolvedRevision> resolved =
        revisions.resolve(tenant, AdapterSelector.parse(adapter), requestId);
    resolved.ifPresent(this::requireOwnBase);
    return resolved;
  }

  private void requireOwnBase(ResolvedRevision revision) {
    if (!revision.baseDigest().equals(summary.digest())) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "The adapter %s@%d belongs to the model %s, this server serves %s"
              .formatted(
                  revision.id().name(),
                  revision.revision(),
                  revision.baseDigest(),
                  summary.digest()));
    }
  }

  private ServedBy servedBy(Optional<ResolvedRevision> revision) {
    return revision.map(base::with).orElse(base);
  }

  private CompletableFuture<DeltaLease> lease(Optional<ResolvedRevision> revision) {
    return revision
        .map(deltas::lease)
        .orElseGet(() -> CompletableFuture.completedFuture(DeltaLease.ofBase()));
  }

  private Sequence sequence(
      GenerationRequest request,
      RequestTicket ticket,
      ServedBy servedBy,
      DeltaLease lease,
      GenerationListener listener) {
    SamplingParameters sampling = request.sampling();
    Set<Integer> ends = ends(request);
    Optional<TokenConstraint> constraint =
        constraint(request.format(), ends.stream().mapToInt(Integer::intValue).toArray());
    int room = Math.max(1, Math.max(sampling.maxTokens(), sampling.minTokens()));
    Prepared prepared =
        request.rawPrompt().isPresent()
            ? preparation.prepare(request.rawPrompt().get(), room, lease.delta())
            : preparation.prepare(request.tenant(), request.messages(), "", room, lease.delta());
    int promptTokens = prepared.prompt().length();
    int asked =
        sampling.maxTokens() == 0
            ? Math.max(options.defaultMaxTokens(), sampling.minTokens())
            : sampling.maxTokens();
    int maxTokens = Math.min(asked, summary.maxSequenceTokens() - promptTokens);
    Generation generation =
        new Generation(
            ticket,
            servedBy,
            listener,
            new Sampler(
                sampling,
                model.checkpoint().config().text().vocabularySize(),
                prepared.prompt().tokenIds(),
                endTokens.stream().mapToInt(Integer::intValue).toArray(),
                constraint),
            workspace,
            ends,
            new TokenTexts(
                tokenizer.newStream(),
                new StopMatcher(sampling.stop()),
                sampling.topLogprobs(),
                request.readTokensMax()),
            prepared.cost(),
            promptTokens,
            prepared.imageTokens(),
            maxTokens);
    return new Sequence(
        ticket,
        prepared.prompt(),
        prepared.images(),
        lease,
        generation,
        prepared.prefixKeys(),
        prepared.tokens(),
        promptTokens + maxTokens);
  }

  /** Refusals begin with the field that both edges have for it. */
  private Optional<TokenConstraint> constraint(ResponseFormat format, int[] ends) {
    try {
      return constraints.of(format, ends);
    } catch (TrimtabException e) {
      throw new TrimtabException(e.code(), "response_format: " + e.getMessage(), e);
    }
  }

  /**
   * Tokens that end the answer. One of a given form is over when it is complete, ignored or not.
   */
  private Set<Integer> ends(GenerationRequest request) {
    Set<Integer> ends = new HashSet<>(request.sampling().stopTokenIds());
    if (request.sampling().endTokens() == EndTokens.STOP
        || !request.format().equals(ResponseFormat.TEXT)) {
      ends.addAll(endTokens);
    }
    return ends;
  }

  @Override
  public CompletableFuture<ScoringResult> score(ScoringRequest request) {
    Optional<ResolvedRevision> revision =
        resolve(request.tenant(), request.adapter(), request.requestId());
    if (request.continuation().isEmpty()
        && request.positions() == ScoringRequest.Positions.CONTINUATION) {
      throw TrimtabException.invalid(
          "The continuation is empty and no prompt positions are asked for");
    }
    return score(request, servedBy(revision), () -> lease(revision));
  }

  private CompletableFuture<ScoringResult> score(
      ScoringRequest request, ServedBy servedBy, Supplier<CompletableFuture<DeltaLease>> delta) {
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
        delta,
        result::completeExceptionally,
        lease -> sequence(request, ticket, servedBy, lease, result));
    result.whenComplete(
        (scored, failure) -> {
          if (result.isCancelled()) {
            ticket.cancel();
          }
        });
    return result;
  }

  private Sequence sequence(
      ScoringRequest request,
      RequestTicket ticket,
      ServedBy servedBy,
      DeltaLease lease,
      CompletableFuture<ScoringResult> result) {
    Prepared prepared =
        preparation.prepare(
            request.tenant(), request.messages(), request.continuation(), 0, lease.delta());
    if (prepared.tokens().length < 2) {
      throw TrimtabException.invalid("The prompt has one token, expected another to be scored");
    }
    Scoring scoring =
        new Scoring(
            servedBy,
            result,
            tokenizer.newStream(),
            prepared.prompt().length(),
            prepared.tokens().length,
            request.positions(),
            request.topLogprobs());
    return new Sequence(
        ticket,
        prepared.prompt(),
        prepared.images(),
        lease,
        scoring,
        prepared.prefixKeys(),
        prepared.tokens(),
        prepared.tokens().length);
  }

  @Override
  public CompletableFuture<AnswerReading> read(ReadingRequest request) {
    request
        .outside(model.checkpoint().config().text().vocabularySize())
        .ifPresent(
            reason -> {
              throw TrimtabException.invalid(reason);
            });
    Optional<ResolvedRevision> revision =
        resolve(request.tenant(), request.adapter(), request.requestId());
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
        () -> lease(revision),
        result::completeExceptionally,
        lease -> sequence(request, ticket, lease, result));
    result.whenComplete(
        (_, _) -> {
          if (result.isCancelled()) {
            ticket.cancel();
          }
        });
    return result;
  }

  private Sequence sequence(
      ReadingRequest request,
      RequestTicket ticket,
      DeltaLease lease,
      CompletableFuture<AnswerReading> result) {
    Prepared prepared =
        preparation.prepare(
            request.tenant(), request.messages(), request.tokens(), 0, lease.delta());
    int length = prepared.tokens().length;
    return new Sequence(
        ticket,
        prepared.prompt(),
        prepared.images(),
        lease,
        new Reading(result, prepared.prompt().length(), length),
        prepared.prefixKeys(),
        prepared.tokens(),
        length);
  }

  @Override
  public Optional<Picture> picture(String tenant, String sha256) {
    return pictures.get(tenant, sha256);
  }

  /**
   * One at a time, base and then the delta: what is laid out for a probe is beside the memory set
   * aside for adapters, and its requests take one place in the queue.
   */
  @Override
  public CompletableFuture<Float> outputChange(PeftAdapter adapter) {
    synchronized (probing) {
      CompletableFuture<Float> probe =
          lastProbe.handle((_, _) -> 0f).thenComposeAsync(_ -> probe(adapter), intake.executor());
      lastProbe = probe;
      return probe;
    }
  }

  private CompletableFuture<Float> probe(PeftAdapter adapter) {
    return score(OutputProbe.request(), base, () -> lease(Optional.empty()))
        .thenComposeAsync(
            ofBase ->
                OutputProbe.largestChange(
                    ofBase,
                    score(
                        OutputProbe.request(),
                        base,
                        () -> CompletableFuture.completedFuture(unregistered(adapter)))),
            intake.executor());
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
        intake.executor());
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
            return Engine.this.generate(
                request, base, () -> CompletableFuture.completedFuture(lease.get()), listener);
          }

          @Override
          public CompletableFuture<ScoringResult> score(
              ScoringRequest request, Supplier<DeltaLease> lease) {
            return Engine.this.score(
                request, base, () -> CompletableFuture.completedFuture(lease.get()));
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
    try {
      requireOwnBase(revision);
    } catch (TrimtabException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
    return deltas.lease(revision);
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
  public int defaultMaxTokens() {
    return options.defaultMaxTokens();
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
