package io.trimtab.serving.openai;

import io.trimtab.adapter.AdapterId;
import io.trimtab.engine.InferenceEngine;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.NameSyntax;
import io.trimtab.serving.http.FieldException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/**
 * What a request's {@code model} means: a name of the base model, or a tenant's adapter, {@code
 * name} or {@code name@revision}. A request without one gets what a call over gRPC without an
 * adapter gets: the tenant's adapter {@code default} where there is one, else base.
 */
@Singleton
public class ServedModels {
  static final String FIELD = "model";

  private final List<String> baseNames;

  @Inject
  ServedModels(InferenceEngine engine, ModelNames names) {
    List<String> all = new ArrayList<>(names.names());
    all.add(engine.model().name());
    all.add(AdapterId.BASE);
    this.baseNames = all.stream().distinct().toList();
  }

  /** The base model's names, that which lists show first. */
  List<String> baseNames() {
    return baseNames;
  }

  /** The name that answers carry for requests without one. */
  String baseName() {
    return baseNames.getFirst();
  }

  /**
   * The adapter as the engine takes it. Whether the tenant has it, the engine says.
   *
   * @throws FieldException NOT_FOUND for what can be no name here
   */
  String adapter(String model) {
    if (baseNames.contains(model)) {
      return AdapterId.BASE;
    }
    try {
      return NameSyntax.requireAdapter(model);
    } catch (TrimtabException _) {
      throw notFound(model);
    }
  }

  static FieldException notFound(String model) {
    return new FieldException(
        FIELD,
        new TrimtabException(
            ErrorCode.NOT_FOUND, "The model %s does not exist.".formatted(Quoted.of(model))));
  }
}
