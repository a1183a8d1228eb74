package io.trimtab.cli;

import io.trimtab.engine.Engine;
import io.trimtab.engine.EngineOptions;
import io.trimtab.engine.ModelSelection;
import io.trimtab.model.BundledModel;
import io.trimtab.model.DataFolder;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.graph.Precision;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;

/** Opens a model in the command's own process. */
public final class LocalEngine {
  private LocalEngine() {}

  /** An engine that serves the model, started; closing the result closes it. */
  public static OpenedGenerator open(LocalModel model) {
    Engine engine = engine(model, EngineOptions.defaults());
    engine.start();
    return new OpenedGenerator(engine, engine::close);
  }

  /** An engine, loaded and not started. Says on standard error what it imports. */
  static Engine engine(LocalModel model, EngineOptions options) {
    try (ByteProgress progress = ByteProgress.writing("Importing")) {
      return Engine.open(selection(model), options, Clock.systemUTC(), progress);
    }
  }

  /** What the options name, with the defaults of the server where they say nothing. */
  static ModelSelection selection(LocalModel model) {
    Path data = model.data() == null ? DataFolder.standard() : model.data();
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
