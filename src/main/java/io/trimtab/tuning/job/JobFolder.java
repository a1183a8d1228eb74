package io.trimtab.tuning.job;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.TextConfig;
import io.trimtab.tuning.job.TuningListener.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A tuning job as files, sealed: its plan, its sequences (in memory) and its pictures (read when
 * asked for), and once it is trained the delta and the outcome.
 *
 * <pre>
 * job.json              the plan
 * stage.json            what the study asks for beside it; no job of a server has it
 * sequences.jsonl       a sequence a line
 * pictures/SHA256.safetensors
 * sealed.json           how much there is of both; without it nothing is trained
 * state.json …          what the trainer needs to go on, while it trains
 * delta/                PEFT folder
 * delta-at-STEP/        likewise, of a step that the stage names
 * outcome.json          last; with it the job is over
 * </pre>
 */
public final class JobFolder {
  static final String PLAN = "job.json";
  static final String STAGE = "stage.json";
  static final String SEQUENCES = "sequences.jsonl";
  static final String PICTURES = "pictures";
  static final String SEAL = "sealed.json";
  private static final String OUTCOME = "outcome.json";

  /** What a folder that was never sealed can hold. */
  private static final Set<String> UNSEALED =
      Set.of(PLAN, PLAN + ".part", STAGE, STAGE + ".part", SEQUENCES, PICTURES, SEAL + ".part");

  private final Path path;
  private final TuningPlan plan;
  private final List<TrainingSequence> sequences;

  private JobFolder(Path path, TuningPlan plan, List<TrainingSequence> sequences) {
    this.path = path;
    this.plan = plan;
    this.sequences = sequences;
  }

  /**
   * Begins a job's folder; what a draft that was never sealed left there is deleted.
   *
   * @throws TrimtabException FAILED_PRECONDITION where the folder is sealed or holds other things
   */
  public static JobDraft create(Path path, TuningPlan plan) throws IOException {
    Files.createDirectories(path);
    try (Stream<Path> entries = Files.list(path)) {
      Set<String> names =
          entries
              .map(entry -> entry.getFileName().toString())
              .collect(Collectors.toCollection(TreeSet::new));
      if (!UNSEALED.containsAll(names)) {
        throw new TrimtabException(
            ErrorCode.FAILED_PRECONDITION,
            "Expected an empty folder for the job, %s holds %s".formatted(path, names));
      }
    }
    for (String name : UNSEALED) {
      DiskSteps.REAL.delete(path.resolve(name));
    }
    Files.createDirectory(path.resolve(PICTURES));
    if (!plan.stage().equals(StageSettings.none())) {
      DiskSteps.REAL.replace(path.resolve(STAGE), StrictJson.bytes(plan.stage()));
    }
    DiskSteps.REAL.replace(path.resolve(PLAN), StrictJson.bytes(PlanJson.of(plan)));
    return new JobDraft(path);
  }

  /** Whether a folder is there and sealed. */
  public static boolean isSealed(Path path) {
    return Files.isRegularFile(path.resolve(SEAL));
  }

  /**
   * Opens a sealed folder and checks all of it but the pictures' numbers.
   *
   * @throws TrimtabException INVALID_ARGUMENT for one that can't be trained from
   */
  public static JobFolder open(Path path) throws IOException {
    if (!isSealed(path)) {
      throw TrimtabException.invalid("%s is no sealed job: it has no %s".formatted(path, SEAL));
    }
    JobDraft.Seal seal = read(path, SEAL, JobDraft.Seal.class);
    TuningPlan plan = read(path, PLAN, PlanJson.class).plan(stage(path));
    long bytes = Files.size(path.resolve(SEQUENCES));
    if (bytes != seal.sequenceBytes()) {
      throw TrimtabException.invalid(
          "%s has %d bytes, sealed with %d".formatted(SEQUENCES, bytes, seal.sequenceBytes()));
    }
    List<TrainingSequence> sequences = readSequences(path.resolve(SEQUENCES));
    TextConfig text = Checkpoint.configOf(plan.checkpoint()).text();
    SequenceCheck check = new SequenceCheck(text, path.resolve(PICTURES));
    for (TrainingSequence sequence : sequences) {
      check.require(sequence);
    }
    return new JobFolder(path, plan, List.copyOf(sequences));
  }

  private static List<TrainingSequence> readSequences(Path file) throws IOException {
    List<TrainingSequence> sequences = new ArrayList<>();
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String what = "%s line %d".formatted(SEQUENCES, sequences.size() + 1);
        sequences.add(StrictJson.read(what, line, TrainingSequence.class));
      }
    }
    return sequences;
  }

  private static StageSettings stage(Path path) throws IOException {
    return Files.isRegularFile(path.resolve(STAGE))
        ? read(path, STAGE, StageSettings.class)
        : StageSettings.none();
  }

  private static <T> T read(Path folder, String name, Class<T> type) throws IOException {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw TrimtabException.invalid("%s is no job: it has no %s".formatted(folder, name));
    }
    return StrictJson.read(name, Files.readString(file), type);
  }

  public Path path() {
    return path;
  }

  public TuningPlan plan() {
    return plan;
  }

  /** In the order in which they were added. */
  public List<TrainingSequence> sequences() {
    return sequences;
  }

  public List<TrainingSequence> sequences(TrainingSequence.Split split) {
    return sequences.stream().filter(sequence -> sequence.split() == split).toList();
  }

  /**
   * Pictures by digest, for one thread.
   *
   * @param cacheBytesMax of features kept in memory; one picture is always kept
   */
  public Function<String, PictureFeatures> pictures(long cacheBytesMax) {
    return new PictureLookup(path.resolve(PICTURES), cacheBytesMax);
  }

  /** The PEFT folder with the delta; there once there is an outcome. */
  public Path delta() {
    return path.resolve("delta");
  }

  /** The PEFT folder with the delta after an update that the stage names, once it was reached. */
  public Path deltaAt(int step) {
    return path.resolve("delta-at-" + step);
  }

  /** How the job ended, once it went well. */
  public Optional<Outcome> outcome() throws IOException {
    return Files.isRegularFile(path.resolve(OUTCOME))
        ? Optional.of(read(path, OUTCOME, Outcome.class))
        : Optional.empty();
  }

  /** Ends the job. */
  public void end(Outcome outcome, DiskSteps disk) throws IOException {
    disk.replace(path.resolve(OUTCOME), StrictJson.bytes(outcome));
  }
}
