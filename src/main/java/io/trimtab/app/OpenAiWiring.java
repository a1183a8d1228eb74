package io.trimtab.app;

import io.trimtab.model.BundledModel;
import io.trimtab.model.DataFolder;
import io.trimtab.model.text.GenerationDefaults;
import io.trimtab.serving.openai.ModelNames;
import io.trimtab.serving.openai.SamplingDefaults;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;

/** What the OpenAI-compatible edge is told by the settings and the checkpoint. */
@Singleton
class OpenAiWiring {
  @Produces
  @Singleton
  SamplingDefaults sampling(TrimtabConfig config) {
    return SamplingDefaults.of(
        GenerationDefaults.read(
            BundledModel.locate(
                config.model(), config.data().orElseGet(DataFolder::standard))));
  }

  @Produces
  @Singleton
  ModelNames names(TrimtabConfig config) {
    return new ModelNames(List.of());
  }
}
