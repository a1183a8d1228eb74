package io.trimtab.serving.openinference;

import inference.ModelRepositoryParameter;
import inference.RepositoryModelLoadRequest;
import inference.RepositoryModelUnloadRequest;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.util.Map;
import java.util.Set;

/**
 * The model in a message to load or unload, of either dialect: KServe writes it into field 1, and
 * Triton into field 2, where field 1 is a repository.
 */
final class LoadDialects {
  private static final Set<String> NO_PARAMETER = Set.of();

  /** Triton's clients always send it. */
  private static final Set<String> UNLOAD_PARAMETERS = Set.of("unload_dependents");

  private LoadDialects() {}

  static String model(RepositoryModelLoadRequest request) {
    requireKnown(request.getParametersMap(), NO_PARAMETER);
    return model(request.getRepositoryName(), request.getModelName());
  }

  static String model(RepositoryModelUnloadRequest request) {
    requireKnown(request.getParametersMap(), UNLOAD_PARAMETERS);
    return model(request.getRepositoryName(), request.getModelName());
  }

  private static String model(String field1, String field2) {
    if (field2.isEmpty()) {
      return field1;
    }
    ModelRepository.requireNoRepository(field1);
    return field2;
  }

  private static void requireKnown(
      Map<String, ModelRepositoryParameter> parameters, Set<String> known) {
    for (String name : parameters.keySet()) {
      if (!known.contains(name)) {
        // A configuration or files of a model: adapters come by trimtab.v1.Adapters.Upload.
        throw TrimtabException.invalid(
            "The parameter %s is not taken, expected a model that is in the repository"
                .formatted(Quoted.of(name)));
      }
    }
  }
}
