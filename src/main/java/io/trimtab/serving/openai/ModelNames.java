package io.trimtab.serving.openai;

import java.util.List;

/**
 * Names that the base model has beside that of its folder and {@code base} (vLLM's {@code
 * served_model_name}).
 */
public record ModelNames(List<String> names) {
  public ModelNames {
    names = List.copyOf(names);
  }
}
