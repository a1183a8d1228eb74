package io.trimtab.tuning;

import io.trimtab.tuning.TrainingState.Best;
import io.trimtab.tuning.job.DiskSteps;
import io.trimtab.tuning.job.JobFolder;
import io.trimtab.tuning.job.StrictJson;
import io.trimtab.tuning.job.TuningListener.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What of a job's training is on disk. state.json names the checkpoint and the best delta that
 * belong to it by their steps; both are there, whole, before it is, and what it does not name is
 * deleted after. So a kill at any moment leaves the state before or the one after.
 */
final class TrainingCheckpoints {
  private static final String STATE = "state.json";
  private static final String CHECKPOINT = "checkpoint-";
  private static final String BEST = "best-";

  private final JobFolder folder;
  private final DiskSteps disk;

  TrainingCheckpoints(JobFolder folder, DiskSteps disk) {
    this.folder = folder;
    this.disk = disk;
  }

  /** Puts a model where the last checkpoint was; a model without one is left alone. */
  TrainingState restore(TrainableModel model) throws IOException {
    Path file = folder.path().resolve(STATE);
    if (!Files.exists(file)) {
      return TrainingState.START;
    }
    TrainingState state = StrictJson.read(STATE, Files.readString(file), TrainingState.class);
    model.restore(checkpoint(state.step()));
    return state;
  }

  void save(TrainableModel model, TrainingState state) throws IOException {
    Path whole = checkpoint(state.step());
    Path part = DiskSteps.part(whole);
    model.save(part);
    disk.publish(part, whole);
    disk.replace(folder.path().resolve(STATE), StrictJson.bytes(state));
    Optional<Best> best = Optional.ofNullable(state.best());
    deleteLeftovers(
        path -> path.equals(whole) || best.filter(b -> path.equals(best(b.step()))).isPresent());
  }

  /** Keeps the model's delta as that of the best validation, beside the one before. */
  void keepBest(TrainableModel model, int step) throws IOException {
    write(model, best(step));
  }

  /** Keeps the model's delta as that of a step, for good. */
  void keepDelta(TrainableModel model, int step) throws IOException {
    write(model, folder.deltaAt(step));
  }

  /** Ends the job with the best delta that was kept. */
  void finishWithBest(int step, Outcome outcome) throws IOException {
    Path part = DiskSteps.part(folder.delta());
    disk.delete(part);
    Files.createDirectories(part);
    try (Stream<Path> files = Files.list(best(step))) {
      for (Path file : files.toList()) {
        disk.write(part.resolve(file.getFileName()), Files.readAllBytes(file));
      }
    }
    disk.publish(part, folder.delta());
    finish(outcome);
  }

  /** Ends the job with the delta as the model has it. */
  void finishWithLast(TrainableModel model, Outcome outcome) throws IOException {
    write(model, folder.delta());
    finish(outcome);
  }

  private void write(TrainableModel model, Path delta) throws IOException {
    Path part = DiskSteps.part(delta);
    disk.delete(part);
    Files.createDirectories(part);
    model.writeDelta(part);
    disk.publish(part, delta);
  }

  private void finish(Outcome outcome) throws IOException {
    folder.end(outcome, disk);
    disk.delete(folder.path().resolve(STATE));
    deleteLeftovers(path -> false);
  }

  private void deleteLeftovers(Predicate<Path> kept) throws IOException {
    try (Stream<Path> paths = Files.list(folder.path())) {
      for (Path path : paths.filter(TrainingCheckpoints::isOurs).filter(kept.negate()).toList()) {
        disk.delete(path);
      }
    }
  }

  private static boolean isOurs(Path path) {
    String name = path.getFileName().toString();
    return name.startsWith(CHECKPOINT) || name.startsWith(BEST);
  }

  private Path checkpoint(int step) {
    return folder.path().resolve(CHECKPOINT + step + ".safetensors");
  }

  private Path best(int step) {
    return folder.path().resolve(BEST + step);
  }
}
