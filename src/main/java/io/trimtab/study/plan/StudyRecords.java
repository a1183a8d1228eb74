package io.trimtab.study.plan;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.DiskSteps;
import io.trimtab.tuning.job.StrictJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The records of a study, one file of one line each: a name appears when its record is whole, so
 * that a study that was killed goes on behind the last stage that ended. One thread.
 */
public final class StudyRecords {
  private static final String SCALE = "scale.json";
  private static final String END = ".json";

  private final Path folder;
  private final StudyScale scale;

  private StudyRecords(Path folder, StudyScale scale) {
    this.folder = folder;
    this.scale = scale;
  }

  /**
   * Opens the records in a folder, or begins them.
   *
   * @throws TrimtabException FAILED_PRECONDITION where they are of a study of another size
   */
  public static StudyRecords open(Path folder, StudyScale scale) throws IOException {
    Path file = folder.resolve(SCALE);
    Files.createDirectories(folder.resolve("records"));
    if (!Files.isRegularFile(file)) {
      DiskSteps.REAL.replace(file, StrictJson.bytes(scale));
    }
    StudyScale before = StrictJson.read(SCALE, Files.readString(file), StudyScale.class);
    if (!before.equals(scale)) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "The records in %s are of %s, expected %s; use another --data"
              .formatted(folder, before, scale));
    }
    return new StudyRecords(folder, scale);
  }

  public StudyScale scale() {
    return scale;
  }

  /** The record of that name, once its stage has ended. */
  public Optional<StageRecord> find(String name) throws IOException {
    Path file = file(name);
    return Files.isRegularFile(file) ? Optional.of(read(file)) : Optional.empty();
  }

  public void write(StageRecord record) throws IOException {
    DiskSteps.REAL.replace(
        file(record.name()), (StrictJson.write(record) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** All, by name. */
  public List<StageRecord> all() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("records"))) {
      List<Path> named = files.filter(file -> file.toString().endsWith(END)).sorted().toList();
      List<StageRecord> records = new ArrayList<>();
      for (Path file : named) {
        records.add(read(file));
      }
      return records;
    }
  }

  private static StageRecord read(Path file) throws IOException {
    return StrictJson.read(
        String.valueOf(file.getFileName()), Files.readString(file).strip(), StageRecord.class);
  }

  private Path file(String name) {
    return folder.resolve("records").resolve(name + END);
  }
}
