package io.trimtab.tuning;

import io.trimtab.adapter.peft.DeltaTarget;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.graph.Projection;
import io.trimtab.model.graph.ProjectorShape;
import io.trimtab.tuning.job.Recipe;
import java.util.ArrayList;
import java.util.List;

/**
 * A linear layer that a recipe tunes.
 *
 * @param inputs width of what goes in
 * @param outputs width of what comes out
 */
record TrainedTarget(DeltaTarget target, int inputs, int outputs) {
  /** In order: decoder layers by number, their projections, the projector's layers. */
  static List<TrainedTarget> of(ModelConfig config, Recipe recipe) {
    List<TrainedTarget> targets = new ArrayList<>();
    for (int layer = 0; layer < config.text().layers(); layer++) {
      for (Projection projection : Projection.ALL) {
        if (recipe.projections().contains(projection)) {
          targets.add(
              new TrainedTarget(
                  new DeltaTarget.Decoder(layer, projection),
                  projection.inputs(config.text()),
                  projection.outputs(config.text())));
        }
      }
    }
    if (recipe.reachesProjector()) {
      ProjectorShape shape = ProjectorShape.of(config);
      targets.add(new TrainedTarget(new DeltaTarget.Projector(1), shape.inputs(), shape.inner()));
      targets.add(new TrainedTarget(new DeltaTarget.Projector(2), shape.inner(), shape.outputs()));
    }
    return List.copyOf(targets);
  }

  /** Its name within a checkpoint of training. */
  String name() {
    return switch (target) {
      case DeltaTarget.Decoder decoder ->
          "layers.%d.%s".formatted(decoder.layer(), decoder.projection().wireName());
      case DeltaTarget.Projector projector -> "projector.%d".formatted(projector.layer());
    };
  }
}
