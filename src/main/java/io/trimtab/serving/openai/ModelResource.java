package io.trimtab.serving.openai;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.smallrye.common.annotation.NonBlocking;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterSelector;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.Revision;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.http.HttpCaller;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /v1/models}: the base model by all its names, and the tenant's adapters. */
@Path("/v1/models")
@Produces(MediaType.APPLICATION_JSON)
@NonBlocking
public class ModelResource {
  private static final Instant BASE_CREATED = Instant.now();

  private final ServedModels models;
  private final InferenceEngine engine;
  private final HttpCaller caller;

  @Inject
  ModelResource(ServedModels models, InferenceEngine engine, HttpCaller caller) {
    this.models = models;
    this.engine = engine;
    this.caller = caller;
  }

  /**
   * A model as vLLM shows it.
   *
   * @param created seconds since 1970
   * @param root what stands behind the name: the checkpoint, or {@code adapter@revision}
   * @param parent the base model; null for base itself
   * @param maxModelLen longest prompt and answer together, in tokens
   */
  public record Model(
      String id,
      String object,
      long created,
      @JsonProperty("owned_by") String ownedBy,
      String root,
      @Nullable String parent,
      @JsonProperty("max_model_len") int maxModelLen) {}

  /** The body of a list. */
  public record Models(String object, List<Model> data) {}

  @GET
  public Models list() {
    List<Model> data = new ArrayList<>();
    models.baseNames().forEach(name -> data.add(base(name)));
    models.adapters(caller.tenant()).forEach(snapshot -> data.add(adapter(snapshot)));
    return new Models("list", data);
  }

  @GET
  @Path("{model: .+}")
  public Model get(@PathParam("model") String model) {
    if (models.baseNames().contains(model)) {
      return base(model);
    }
    try {
      return switch (AdapterSelector.parse(model)) {
        case AdapterSelector.Served(String name) ->
            adapter(models.snapshot(caller.tenant(), name, model));
        case AdapterSelector.Exact(String name, int number) ->
            models
                .snapshot(caller.tenant(), name, model)
                .revision(number)
                .map(revision -> adapter(model, revision.created(), model))
                .orElseThrow(() -> ServedModels.notFound(model));
        case AdapterSelector.Base _, AdapterSelector.TenantDefault _ ->
            throw ServedModels.notFound(model);
      };
    } catch (TrimtabException _) {
      throw ServedModels.notFound(model);
    }
  }

  private Model base(String name) {
    return model(name, BASE_CREATED, engine.model().name(), null);
  }

  private Model adapter(AdapterSnapshot snapshot) {
    String name = snapshot.id().name();
    return adapter(
        name,
        snapshot.active().map(Revision::created).orElse(snapshot.change().time()),
        snapshot.activeRevision() == 0 ? AdapterId.BASE : name + "@" + snapshot.activeRevision());
  }

  private Model adapter(String id, Instant created, String root) {
    return model(id, created, root, models.baseName());
  }

  private Model model(String id, Instant created, String root, @Nullable String parent) {
    return new Model(
        id,
        "model",
        created.getEpochSecond(),
        "trimtab",
        root,
        parent,
        engine.model().maxSequenceTokens());
  }
}
