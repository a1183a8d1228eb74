package io.trimtab.cli.local;

import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.RevisionSource;
import io.trimtab.cli.terminal.ByteProgress;
import io.trimtab.engine.Engine;
import io.trimtab.engine.EngineOptions;
import io.trimtab.engine.api.ModelSelection;
import io.trimtab.model.BundledModel;
import io.trimtab.model.DataFolder;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.graph.Precision;
import io.trimtab.store.FileObjectStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;

/** Opens a model in the command's own process. */
public final class LocalEngine {
  private LocalEngine() {}

  /**
   * An engine that serves the model, with the adapters that a server has kept in the same data
   * folder; started. Closing the result closes it.
   */
  public static OpenedGenerator open(LocalModel model) {
    Path kept = data(model).resolve(FileObjectStore.FOLDER);
    if (!Files.isDirectory(kept)) {
      return started(engine(model, EngineOptions.defaults()), () -> {});
    }
    FileObjectStore store = FileObjectStore.open(kept);
    try {
      AdapterRegistry registry =
          AdapterRegistry.open(store, AdapterLimits.defaults(), Clock.systemUTC());
      return started(engine(model, EngineOptions.defaults(), registry), store::close);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private static OpenedGenerator started(Engine engine, Runnable afterwards) {
    engine.start();
    return new OpenedGenerator(
        engine,
        () -> {
          engine.close();
          afterwards.run();
        });
  }

  private static Path data(LocalModel model) {
    Path named = model.data();
    return named == null ? DataFolder.standard() : named;
  }

  /** An engine, loaded and not started. Says on standard error what it imports. */
  public static Engine engine(LocalModel model, EngineOptions options) {
    return engine(model, options, RevisionSource.none());
  }

  /** The same with adapters. */
  public static Engine engine(LocalModel model, EngineOptions options, RevisionSource revisions) {
    try (ByteProgress progress = ByteProgress.writing("Importing")) {
      return Engine.open(selection(model), options, revisions, Clock.systemUTC(), progress);
    }
  }

  /** What the options name, with the defaults of the server where they say nothing. */
  public static ModelSelection selection(LocalModel model) {
    Path data = data(model);
    String name = Objects.requireNonNullElse(model.model(), BundledModel.DEFAULT);
    ModelSelection selection = ModelSelection.of(BundledModel.locate(name, data), data);
    String precision = model.precision();
    Optional<Precision> chosen =
        precision == null || precision.equals("auto")
            ? Optional.empty()
            : Optional.of(Precision.of(precision));
    return new ModelSelection(
        selection.folder(),
        chosen,
        Objects.requireNonNullElse(model.device(), selection.device()),
        data,
        setting("TRIMTAB_ONNXRUNTIME_LIBRARY").map(Path::of),
        setting("TRIMTAB_ROTARY_FREQUENCIES")
            .map(RotaryFrequencies::of)
            .orElse(selection.rotaryFrequencies()));
  }

  /** A variable that configures the server, too, for what no option says. */
  private static Optional<String> setting(String variable) {
    return Optional.ofNullable(System.getenv(variable)).filter(value -> !value.isBlank());
  }
}
