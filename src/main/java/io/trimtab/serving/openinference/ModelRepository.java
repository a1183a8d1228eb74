package io.trimtab.serving.openinference;

import inference.ModelConfig;
import inference.ModelMetadataResponse;
import inference.ModelTransactionPolicy;
import inference.RepositoryIndexRequest;
import inference.RepositoryIndexResponse;
import inference.RepositoryIndexResponse.ModelIndex;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSelector;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionState;
import io.trimtab.engine.api.EngineHealth;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Base and a tenant's adapters as the protocol's repository of models. Reads what the registry has
 * in memory; {@link #load} alone waits, for a store.
 */
final class ModelRepository {
  private static final String PLATFORM = "trimtab";
  private static final String READY = "READY";
  private static final String UNAVAILABLE = "UNAVAILABLE";

  /**
   * Who is served by it matters to the choice of a canary alone, which is as ready as the other.
   */
  private static final String ANY_REQUEST = "";

  private final InferenceEngine engine;
  private final AdapterRegistry registry;

  ModelRepository(InferenceEngine engine, AdapterRegistry registry) {
    this.engine = engine;
    this.registry = registry;
  }

  /**
   * Whether a request for this model would be answered; not for one that the tenant does not have.
   */
  boolean ready(String tenant, String model, String version) {
    try {
      Optional<ResolvedRevision> served =
          registry.resolve(tenant, selector(model, version), ANY_REQUEST);
      return isReady() && served.filter(each -> !isOfThisBase(each.baseDigest())).isEmpty();
    } catch (TrimtabException e) {
      if (e.code() == ErrorCode.INVALID_ARGUMENT) {
        throw e;
      }
      return false;
    }
  }

  private boolean isReady() {
    return engine.health() instanceof EngineHealth.Ready;
  }

  private boolean isOfThisBase(String digest) {
    return digest.equals(engine.model().digest());
  }

  /**
   * What a model takes and gives.
   *
   * @throws TrimtabException NOT_FOUND, or FAILED_PRECONDITION for a version that serves nobody
   */
  ModelMetadataResponse metadata(String tenant, String model, String version) {
    AdapterSelector selector = selector(model, version);
    var _ = registry.resolve(tenant, selector, ANY_REQUEST);
    ModelMetadataResponse.Builder metadata =
        ModelMetadataResponse.newBuilder().setName(model).setPlatform(PLATFORM);
    if (selector instanceof AdapterSelector.Base) {
      metadata.addVersions(ModelNames.BASE_VERSION);
    } else {
      registry.get(new AdapterId(tenant, model)).revisions().stream()
          .filter(each -> unservable(each).isEmpty())
          .forEach(each -> metadata.addVersions(String.valueOf(each.revision())));
    }
    TensorSpec.INPUTS.forEach(each -> metadata.addInputs(each.metadata()));
    TensorSpec.OUTPUTS.forEach(each -> metadata.addOutputs(each.metadata()));
    return metadata.build();
  }

  /**
   * The same as Triton's configuration: no batches of requests, and as many responses as an answer
   * has pieces.
   *
   * @throws TrimtabException as {@link #metadata}
   */
  ModelConfig config(String tenant, String model, String version) {
    var _ = registry.resolve(tenant, selector(model, version), ANY_REQUEST);
    ModelConfig.Builder config =
        ModelConfig.newBuilder()
            .setName(model)
            .setPlatform(PLATFORM)
            .setBackend(PLATFORM)
            .setModelTransactionPolicy(ModelTransactionPolicy.newBuilder().setDecoupled(true));
    TensorSpec.INPUTS.forEach(each -> config.addInput(each.input()));
    TensorSpec.OUTPUTS.forEach(each -> config.addOutput(each.output()));
    return config.build();
  }

  private static AdapterSelector selector(String model, String version) {
    return AdapterSelector.parse(ModelNames.adapter(model, version));
  }

  /** All versions of all models; an adapter without any is served by base, and has an empty one. */
  RepositoryIndexResponse index(String tenant, RepositoryIndexRequest request) {
    requireNoRepository(request.getRepositoryName());
    Stream<ModelIndex> adapters = registry.list(tenant).stream().flatMap(this::entries);
    Stream<ModelIndex> all =
        Stream.concat(
            Stream.of(entry(AdapterId.BASE, ModelNames.BASE_VERSION, Optional.empty())), adapters);
    return RepositoryIndexResponse.newBuilder()
        .addAllModels(
            all.filter(each -> !request.getReady() || each.getState().equals(READY)).toList())
        .build();
  }

  private Stream<ModelIndex> entries(AdapterSnapshot adapter) {
    String name = adapter.id().name();
    return adapter.revisions().isEmpty()
        ? Stream.of(entry(name, "", Optional.empty()))
        : adapter.revisions().stream()
            .map(each -> entry(name, String.valueOf(each.revision()), unservable(each)));
  }

  private ModelIndex entry(String model, String version, Optional<String> unservable) {
    Optional<String> reason = isReady() ? unservable : Optional.of("The server is not ready");
    return ModelIndex.newBuilder()
        .setName(model)
        .setVersion(version)
        .setState(reason.isEmpty() ? READY : UNAVAILABLE)
        .setReason(reason.orElse(""))
        .build();
  }

  private Optional<String> unservable(Revision revision) {
    if (!revision.state().servable()) {
      return Optional.of("It is " + revision.state());
    }
    return isOfThisBase(revision.baseDigest())
        ? Optional.empty()
        : Optional.of("It belongs to another base model, " + revision.baseDigest());
  }

  /**
   * Brings what is served under a model's name into host memory, and waits for it.
   *
   * @throws TrimtabException NOT_FOUND, or what the loading is refused with
   */
  void load(String tenant, String model) {
    if (!isBase(model)) {
      AdapterId id = new AdapterId(tenant, model);
      served(registry.get(id))
          .map(each -> engine.preload(ResolvedRevision.of(id, each)))
          // All begin before one is waited for.
          .toList()
          .forEach(each -> each.join());
    }
  }

  private static Stream<Revision> served(AdapterSnapshot adapter) {
    return adapter.revisions().stream()
        .filter(
            each -> each.state() == RevisionState.ACTIVE || each.state() == RevisionState.CANARY);
  }

  /**
   * Lets all revisions of a model go from host memory that nobody uses.
   *
   * @return whether none is there now
   * @throws TrimtabException NOT_FOUND, or FAILED_PRECONDITION for base
   */
  boolean unload(String tenant, String model) {
    if (isBase(model)) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION, "The model 'base' stays loaded, expected an adapter");
    }
    AdapterId id = new AdapterId(tenant, model);
    List<Revision> revisions = registry.get(id).revisions();
    return revisions.stream()
        .map(each -> engine.unload(ResolvedRevision.of(id, each)))
        .toList()
        .stream()
        .allMatch(gone -> gone);
  }

  private static boolean isBase(String model) {
    return ModelNames.adapter(model, "").equals(AdapterId.BASE);
  }

  static void requireNoRepository(String repository) {
    if (!repository.isEmpty()) {
      throw TrimtabException.invalid(
          "repository_name is %s, expected it empty: there is one repository"
              .formatted(Quoted.of(repository)));
    }
  }
}
