package io.trimtab.model;

import java.util.Optional;

/** The model families that Trimtab serves, by {@code model_type} of config.json. */
public enum Family {
  LLAVA_ONEVISION("llava_onevision"),
  QWEN2_5_VL("qwen2_5_vl"),
  LLAVA_NEXT("llava_next"),
  LLAVA("llava");

  private final String modelType;

  Family(String modelType) {
    this.modelType = modelType;
  }

  public String modelType() {
    return modelType;
  }

  public static Optional<Family> of(String modelType) {
    for (Family family : values()) {
      if (family.modelType.equals(modelType)) {
        return Optional.of(family);
      }
    }
    return Optional.empty();
  }
}
