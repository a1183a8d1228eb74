package io.trimtab.app;

import io.trimtab.model.BundledModel;
import io.trimtab.model.DataFolder;
import io.trimtab.model.text.GenerationDefaults;
import io.trimtab.serving.openai.FetchedPictures;
import io.trimtab.serving.openai.OpenAiSettings;
import io.trimtab.serving.openai.RemotePictures;
import io.trimtab.serving.openai.SamplingDefaults;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;

/** What the OpenAI-compatible edge is told by the settings and the checkpoint. */
@Singleton
class OpenAiWiring {
  @Produces
  @Singleton
  SamplingDefaults sampling(TrimtabConfig config) {
    return SamplingDefaults.of(
        GenerationDefaults.read(
            BundledModel.locate(config.model(), config.data().orElseGet(DataFolder::standard))));
  }

  @Produces
  @Singleton
  OpenAiSettings settings(TrimtabConfig config) {
    return settings(config.openai());
  }

  @Produces
  @Singleton
  RemotePictures pictures(OpenAiSettings settings, Vertx vertx) {
    return settings.imageUrls().hosts().isEmpty()
        ? RemotePictures.none()
        : new FetchedPictures(settings.imageUrls(), vertx);
  }

  void close(@Disposes RemotePictures pictures) {
    if (pictures instanceof FetchedPictures fetched) {
      fetched.close();
    }
  }

  static OpenAiSettings settings(TrimtabConfig.OpenAi openai) {
    TrimtabConfig.ImageUrls urls = openai.imageUrls();
    return new OpenAiSettings(
        openai.servedModelNames().orElse(List.of()),
        openai.loraFolder(),
        new OpenAiSettings.ImageUrls(
            urls.enabled() ? urls.hosts().orElse(List.of()) : List.of(),
            urls.bytesMax(),
            Duration.ofSeconds(urls.timeoutSeconds())));
  }
}
