package io.trimtab.serving.openai;

import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSelector;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.AdapterSnapshot.Kind;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.http.FieldException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/**
 * What a request's {@code model} means: a name of the base model, or a tenant's adapter, {@code
 * name} or {@code name@revision}. A request without one gets what a call over gRPC without an
 * adapter gets: the tenant's adapter {@code default} where there is one, else base. A name that was
 * unloaded is not there until something else happens to it. Any thread; waits for nothing.
 */
@Singleton
public class ServedModels {
  static final String FIELD = "model";

  /** The reason that an unloaded adapter's last change carries. */
  static final String UNLOADED = "unloaded";

  private final List<String> baseNames;
  private final AdapterRegistry registry;

  @Inject
  ServedModels(InferenceEngine engine, AdapterRegistry registry, OpenAiSettings settings) {
    List<String> all = new ArrayList<>(settings.servedModelNames());
    all.add(engine.model().name());
    all.add(AdapterId.BASE);
    this.baseNames = all.stream().distinct().toList();
    this.registry = registry;
  }

  /** The base model's names, the one that it is best known by first. */
  List<String> baseNames() {
    return baseNames;
  }

  /** The name that answers carry for requests without one. */
  String baseName() {
    return baseNames.getFirst();
  }

  /** A tenant's adapters that can be asked for by name. */
  List<AdapterSnapshot> adapters(String tenant) {
    return registry.list(tenant).stream().filter(each -> !isUnloaded(each)).toList();
  }

  /**
   * The adapter as the engine takes it.
   *
   * @throws FieldException NOT_FOUND for what the tenant does not have
   */
  String adapter(String tenant, String model) {
    if (model.isEmpty()) {
      return "";
    }
    if (baseNames.contains(model)) {
      return AdapterId.BASE;
    }
    AdapterSelector selector;
    try {
      selector = AdapterSelector.parse(model);
    } catch (TrimtabException _) {
      throw notFound(model);
    }
    switch (selector) {
      case AdapterSelector.Served(String name) -> snapshot(tenant, name, model);
      case AdapterSelector.Exact(String name, int _) -> snapshot(tenant, name, model);
      case AdapterSelector.Base _, AdapterSelector.TenantDefault _ -> {}
    }
    return model;
  }

  /**
   * The adapter of that name.
   *
   * @param model how the request names it
   */
  AdapterSnapshot snapshot(String tenant, String name, String model) {
    AdapterSnapshot snapshot;
    try {
      snapshot = registry.get(new AdapterId(tenant, name));
    } catch (TrimtabException _) {
      throw notFound(model);
    }
    if (isUnloaded(snapshot) && name.equals(model)) {
      throw notFound(model);
    }
    return snapshot;
  }

  static boolean isUnloaded(AdapterSnapshot snapshot) {
    return snapshot.activeRevision() == 0
        && snapshot.canaryRevision() == 0
        && snapshot.change().kind() == Kind.ACTIVATED
        && snapshot.change().reason().equals(UNLOADED);
  }

  static FieldException notFound(String model) {
    return new FieldException(
        FIELD,
        new TrimtabException(
            ErrorCode.NOT_FOUND, "The model %s does not exist.".formatted(Quoted.of(model))));
  }
}
