package io.trimtab.engine;

import io.trimtab.adapter.PeftAdapter;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.engine.Generation.TokenTexts;
import io.trimtab.engine.RequestPreparation.Prepared;
import io.trimtab.engine.SamplingParameters.EndTokens;
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
import io.trimtab.model.text.ChatTemplate;
import io.trimtab.model.text.GenerationDefaults;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PositionScheme;
import io.trimtab.model.text.PromptBuilder;
import io.trimtab.model.text.StopMatcher;
import io.trimtab.model.text.TextTokenizer;
import io.trimtab.ort.Device;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * One model, loaded, and the loop that serves it.
 *
 * <p>A request is taken in at once or refused, read on a thread of its own pool, and handed to the
 * step loop. {@link #start} begins serving, {@link #close} ends every request and frees the model.
 */
public final class Engine implements InferenceEngine, AutoCloseable {
  /** Threads that read requests: pictures and templates of one while the tower sees another's. */
  private static final int PREPARATION_THREADS = 2;

  private final LoadedModel model;
  private final EngineOptions options;
  private final Clock clock;
  private final TextTokenizer tokenizer;
  private final Set<Integer> endTokens;
  private final RequestPreparation preparation;
  private final PictureCache pictures;
  private final ModelExecutor executor;
  private final Admission admission;
  private final StepLoop loop;
  private final SamplingWorkspace workspace;
  private final ServedBy base;
  private final ModelSummary summary;
  private final ExecutorService preparing =
      Executors.newFixedThreadPool(
          PREPARATION_THREADS, Thread.ofPlatform().name("trimtab-prepare-", 0).daemon().factory());

  private Engine(LoadedModel model, TextTokenizer tokenizer, EngineOptions options, Clock clock) {
    Checkpoint checkpoint = model.checkpoint();
    TextConfig text = checkpoint.config().text();
    this.model = model;
    this.tokenizer = tokenizer;
    this.options = options;
    this.clock = clock;
    this.endTokens = Set.copyOf(GenerationDefaults.read(checkpoint.folder()).eosTokenIds());
    int sequenceTokensMax =
        Math.min(
            options.maxSequenceTokens().orElse(text.maxPositionEmbeddings()),
            text.maxPositionEmbeddings());
    this.pictures = new PictureCache(options.pictureCacheBytes());
    this.preparation =
        new RequestPreparation(
            new PictureDecoder(options.pictures()),
            ImagePreprocessor.of(checkpoint.config(), PreprocessorConfig.read(checkpoint.folder())),
            new PromptBuilder(
                ChatTemplate.read(checkpoint.folder()),
                tokenizer,
                checkpoint.config().imageTokenId(),
                positions(checkpoint.config().family())),
            model.vision(),
            new ImageEmbeddingCache(options.imageCacheBytes()),
            pictures,
            sequenceTokensMax);
    int prefillChunkTokens = Math.min(options.prefillChunkTokens(), sequenceTokensMax);
    this.executor =
        new OrtModelExecutor(model, options.maxBatch(), sequenceTokensMax, prefillChunkTokens);
    this.admission = new Admission(options.queueMax(), options.queuePerTenantMax());
    this.loop =
        new StepLoop(executor, admission, prefillChunkTokens, options.runningPerTenantMax());
    this.workspace = new SamplingWorkspace(text.vocabularySize());
    this.base = ServedBy.base(checkpoint.name(), model.graphs().digest());
    this.summary = summary(sequenceTokensMax);
  }

  /**
   * Loads a model; imports its graphs first where they are not in the cache.
   *
   * @throws TrimtabException INVALID_ARGUMENT for a folder or a choice that can't be served
   */
  public static Engine open(
      ModelSelection selection, EngineOptions options, Clock clock, WriteProgress progress) {
    Closing opened = new Closing();
    try {
      LoadedModel model = opened.add(LoadedModel.open(selection, options.threads(), progress));
      TextTokenizer tokenizer =
          opened.add(
              TextTokenizer.read(selection.folder(), model.checkpoint().config().imageTokenId()));
      return new Engine(model, tokenizer, options, clock);
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
    requireBase(request.adapter());
    RequestTicket ticket =
        new RequestTicket(
            request.requestId(), request.tenant(), request.deadline(), clock.instant(), loop::wake);
    take(ticket, listener::failed, () -> sequence(request, ticket, listener));
    return ticket;
  }

  private Sequence sequence(
      GenerationRequest request, RequestTicket ticket, GenerationListener listener) {
    SamplingParameters sampling = request.sampling();
    int room = Math.max(1, Math.max(sampling.maxTokens(), sampling.minTokens()));
    Prepared prepared = preparation.prepare(request.tenant(), request.messages(), "", room);
    int promptTokens = prepared.prompt().length();
    int asked =
        sampling.maxTokens() == 0
            ? Math.max(options.defaultMaxTokens(), sampling.minTokens())
            : sampling.maxTokens();
    int maxTokens = Math.min(asked, summary.maxSequenceTokens() - promptTokens);
    Set<Integer> ends = new HashSet<>(sampling.stopTokenIds());
    if (sampling.endTokens() == EndTokens.STOP) {
      ends.addAll(endTokens);
    }
    Generation generation =
        new Generation(
            ticket,
            base,
            listener,
            new Sampler(
                sampling,
                model.checkpoint().config().text().vocabularySize(),
                prepared.prompt().tokenIds(),
                endTokens.stream().mapToInt(Integer::intValue).toArray()),
            workspace,
            ends,
            new TokenTexts(
                tokenizer.newStream(), new StopMatcher(sampling.stop()), sampling.topLogprobs()),
            prepared.cost(),
            promptTokens,
            prepared.imageTokens(),
            maxTokens);
    return new Sequence(
        ticket,
        prepared.prompt(),
        prepared.images(),
        generation,
        prepared.tokens(),
        promptTokens + maxTokens);
  }

  @Override
  public CompletableFuture<ScoringResult> score(ScoringRequest request) {
    requireBase(request.adapter());
    if (request.continuation().isEmpty()
        && request.positions() == ScoringRequest.Positions.CONTINUATION) {
      throw TrimtabException.invalid(
          "The continuation is empty and no prompt positions are asked for");
    }
    RequestTicket ticket =
        new RequestTicket(
            request.requestId(), request.tenant(), request.deadline(), clock.instant(), loop::wake);
    CompletableFuture<ScoringResult> result = new CompletableFuture<>();
    take(ticket, result::completeExceptionally, () -> sequence(request, ticket, result));
    result.whenComplete(
        (scored, failure) -> {
          if (result.isCancelled()) {
            ticket.cancel();
          }
        });
    return result;
  }

  private Sequence sequence(
      ScoringRequest request, RequestTicket ticket, CompletableFuture<ScoringResult> result) {
    Prepared prepared =
        preparation.prepare(request.tenant(), request.messages(), request.continuation(), 0);
    if (prepared.tokens().length < 2) {
      throw TrimtabException.invalid("The prompt has one token, expected another to be scored");
    }
    Scoring scoring =
        new Scoring(
            base,
            result,
            tokenizer.newStream(),
            prepared.prompt().length(),
            prepared.tokens().length,
            request.positions());
    return new Sequence(
        ticket,
        prepared.prompt(),
        prepared.images(),
        scoring,
        prepared.tokens(),
        prepared.tokens().length);
  }

  /**
   * Takes a permit, reads the request on the pool and hands it to the loop; failures go to the
   * caller's.
   */
  private void take(
      RequestTicket ticket, Consumer<TrimtabException> failed, SequenceSource source) {
    requireServing();
    admission.enter(ticket.tenant());
    try {
      preparing.execute(() -> read(ticket, failed, source));
    } catch (RejectedExecutionException e) {
      admission.leave(ticket.tenant());
      throw StepLoop.notServing();
    }
  }

  private void read(
      RequestTicket ticket, Consumer<TrimtabException> failed, SequenceSource source) {
    Sequence sequence;
    try {
      requireServing();
      TrimtabException overdue = ticket.overdue(System.nanoTime());
      if (overdue != null) {
        throw overdue;
      }
      sequence = source.read();
    } catch (TrimtabException e) {
      admission.leave(ticket.tenant());
      failed.accept(e);
      return;
    } catch (RuntimeException | Error e) {
      // An Error too, such as a picture that memory does not suffice for: it is this request's.
      admission.leave(ticket.tenant());
      failed.accept(unexpected(ticket, e));
      return;
    }
    loop.submit(sequence);
  }

  private void requireServing() {
    if (loop.state() != StepLoop.State.RUNNING) {
      throw StepLoop.notServing();
    }
  }

  private static TrimtabException unexpected(RequestTicket ticket, Throwable cause) {
    System.getLogger(Engine.class.getName())
        .log(System.Logger.Level.ERROR, "Request " + ticket.requestId() + " failed", cause);
    return new TrimtabException(
        ErrorCode.INTERNAL, "The request %s failed".formatted(ticket.requestId()), cause);
  }

  /** Adapters come with the registry; until a name exists nobody has made it. */
  private static void requireBase(String adapter) {
    if (!adapter.isEmpty() && !adapter.equals(ServedBy.BASE)) {
      throw new TrimtabException(
          ErrorCode.NOT_FOUND, "There is no adapter '%s'".formatted(adapter));
    }
  }

  @Override
  public Optional<Picture> picture(String tenant, String sha256) {
    return pictures.get(tenant, sha256);
  }

  @Override
  public CompletableFuture<Float> outputChange(PeftAdapter adapter) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException());
  }

  @Override
  public CompletableFuture<Void> preload(ResolvedRevision revision) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException());
  }

  @Override
  public ModelSummary model() {
    return summary;
  }

  @Override
  public EngineHealth health() {
    return loop.health();
  }

  @Override
  public int defaultMaxTokens() {
    return options.defaultMaxTokens();
  }

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
    // Waits for the two that are being read: they use the model.
    preparing.close();
    executor.close();
    tokenizer.close();
    model.close();
  }

  private interface SequenceSource {
    Sequence read();
  }
}
