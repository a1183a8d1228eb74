package io.trimtab.tuning.job;

import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.TrainingSequence.PlacedPicture;
import io.trimtab.tuning.job.TrainingSequence.Split;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * A job's folder as it is filled: sequences and pictures in any order, then the seal. Without the
 * seal nothing can be trained from it, and {@link JobFolder#create} begins it anew. One thread.
 */
public final class JobDraft implements AutoCloseable {
  private final Path folder;
  private final BufferedWriter sequences;
  private final Set<String> written = new HashSet<>();
  private final Set<String> named = new HashSet<>();
  private int sequenceCount;
  private int trainingCount;

  JobDraft(Path folder) throws IOException {
    this.folder = folder;
    this.sequences =
        Files.newBufferedWriter(folder.resolve(JobFolder.SEQUENCES), StandardCharsets.UTF_8);
  }

  /** Adds a conversation. Its pictures are added too, before the seal. */
  public void add(TrainingSequence sequence) throws IOException {
    sequences.write(StrictJson.write(sequence));
    sequences.write('\n');
    sequenceCount++;
    trainingCount += sequence.split() == Split.TRAINING ? 1 : 0;
    sequence.pictures().stream().map(PlacedPicture::sha256).forEach(named::add);
  }

  /** Adds a picture; a second time it is left as it is. */
  public void add(PictureFeatures picture) throws IOException {
    if (!written.contains(picture.sha256())) {
      Path pictures = folder.resolve(JobFolder.PICTURES);
      PictureFile.write(PictureFile.in(pictures, picture.sha256()), picture);
      written.add(picture.sha256());
    }
  }

  /** Whether a picture was added, so that its features need not be computed again. */
  public boolean has(String sha256) {
    return written.contains(sha256);
  }

  /**
   * Makes all of it durable and ready to be trained from, and closes the draft.
   *
   * @throws TrimtabException INVALID_ARGUMENT where there is nothing to train on, or a picture that
   *     a sequence names was not added
   */
  public void seal() throws IOException {
    if (trainingCount == 0) {
      throw TrimtabException.invalid(
          "None of %d sequences is for training, expected at least one".formatted(sequenceCount));
    }
    for (String sha256 : named) {
      if (!written.contains(sha256)) {
        throw TrimtabException.invalid(
            "Picture %s is named by a sequence, but was not added".formatted(sha256));
      }
    }
    sequences.close();
    DiskSteps disk = DiskSteps.REAL;
    Path pictures = folder.resolve(JobFolder.PICTURES);
    for (String sha256 : written) {
      disk.sync(PictureFile.in(pictures, sha256));
    }
    disk.sync(pictures);
    Path lines = folder.resolve(JobFolder.SEQUENCES);
    disk.sync(lines);
    Seal seal = new Seal(sequenceCount, Files.size(lines), written.size());
    disk.replace(folder.resolve(JobFolder.SEAL), StrictJson.bytes(seal));
  }

  /** What a sealed folder holds. */
  record Seal(int sequences, long sequenceBytes, int pictures) {}

  @Override
  public void close() throws IOException {
    sequences.close();
  }
}
