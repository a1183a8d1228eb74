package io.trimtab.adaptation;

import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionFiles;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.adapter.peft.PeftCheck;
import io.trimtab.error.TrimtabException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An adapter on its way in: its two files in any order, each in pieces, then {@link #examine}, then
 * {@link #publish} where it is to be kept. The files go to the store as they come. Calls block on
 * the disk and on the engine; one thread at a time. Closed before {@link #publish} it leaves
 * nothing.
 */
public final class AdapterUpload implements AutoCloseable {
  private final AdapterPublisher publisher;
  private final UploadOrder order;
  private final Map<AdapterFile, ReceivedFile> files = new EnumMap<>(AdapterFile.class);
  private @Nullable AdapterFile current;
  private @Nullable DeltaFacts examined;
  private boolean closed;

  AdapterUpload(AdapterPublisher publisher, UploadOrder order) {
    this.publisher = publisher;
    this.order = order;
  }

  /**
   * What follows is this file's; again while it comes, and with an empty path, it goes on.
   *
   * @throws TrimtabException INVALID_ARGUMENT for a path that is not exactly the name of one of the
   *     two files, and for a file that has been before
   */
  public void file(String path) {
    if (path.isEmpty()) {
      if (current == null) {
        throw TrimtabException.invalid(
            "The first chunk has no path, expected %s or %s"
                .formatted(AdapterFile.CONFIG.fileName(), AdapterFile.WEIGHTS.fileName()));
      }
      return;
    }
    AdapterFile file = AdapterFile.of(path);
    if (file == current) {
      return;
    }
    if (files.containsKey(file)) {
      throw TrimtabException.invalid(
          "%s comes a second time, expected each file once and its chunks together"
              .formatted(file.fileName()));
    }
    files.put(file, publisher.receive(file));
    current = file;
  }

  /**
   * The next bytes of the file.
   *
   * @throws TrimtabException INVALID_ARGUMENT beyond the file's limit, RESOURCE_EXHAUSTED on a full
   *     disk
   */
  public void data(ByteBuffer bytes) {
    if (current == null) {
      throw TrimtabException.invalid("Data before the path of a file");
    }
    received(current).write(bytes);
  }

  /**
   * Checks all that has come: that both files are there and sound, that each tensor belongs to the
   * base model, and what the adapter does on a fixed probe.
   */
  public AdapterExamination examine() {
    for (AdapterFile file : AdapterFile.values()) {
      if (!files.containsKey(file)) {
        return AdapterExamination.refused(
            "%s is missing: the upload ended after %s"
                .formatted(
                    file.fileName(),
                    files.isEmpty() ? "no file" : files.keySet().iterator().next().fileName()));
      }
    }
    // Shared, since the engine's thread reads the tensors.
    try (Arena arena = Arena.ofShared()) {
      PeftCheck check =
          publisher
              .reader()
              .check(
                  received(AdapterFile.CONFIG).path(), received(AdapterFile.WEIGHTS).path(), arena);
      if (check.adapter().isEmpty()) {
        return new AdapterExamination(
            check.tensorsMatched(), check.tensorsTotal(), check.errors(), 0);
      }
      PeftAdapter adapter = check.adapter().get();
      float change = publisher.outputChange(adapter);
      List<String> errors = new ArrayList<>();
      if (!Float.isFinite(change)) {
        errors.add("Under this adapter the model computes no numbers on a fixed probe");
      } else if (change == 0 && order.noop() == NoopPolicy.REFUSE) {
        errors.add(
            "The adapter changes nothing on a fixed probe: expected one that does, or allow_noop");
      } else {
        examined = DeltaFacts.of(adapter);
      }
      return new AdapterExamination(check.tensorsMatched(), check.tensorsTotal(), errors, change);
    }
  }

  /**
   * The delta's digest. {@link #examine} comes first.
   *
   * @throws IllegalStateException where it has accepted nothing
   */
  public String digest() {
    return accepted().digest();
  }

  /**
   * Keeps the adapter as the next revision of its name, and activates that where it was ordered.
   * {@link #examine} comes first.
   *
   * @throws TrimtabException what a failed activation throws; the revision is STAGED then
   */
  public Revision publish() {
    DeltaFacts delta = accepted();
    ReceivedFile config = received(AdapterFile.CONFIG);
    ReceivedFile weights = received(AdapterFile.WEIGHTS);
    RevisionFiles blobs =
        new RevisionFiles(config.digest(), weights.digest(), config.bytes() + weights.bytes());
    return publisher.publish(order, delta, blobs, Stream.of(config, weights));
  }

  private DeltaFacts accepted() {
    DeltaFacts delta = examined;
    if (delta == null) {
      throw new IllegalStateException("An adapter is used that no examination has accepted");
    }
    return delta;
  }

  /** The refusal that an examination amounts to. */
  public static TrimtabException refusal(AdapterExamination examination) {
    return TrimtabException.invalid(String.join("; ", examination.errors()));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      files.values().forEach(ReceivedFile::close);
      publisher.ended();
    }
  }

  private ReceivedFile received(AdapterFile file) {
    ReceivedFile received = files.get(file);
    if (received == null) {
      throw new IllegalStateException(file.fileName() + " is used before it came");
    }
    return received;
  }

  /** What is known of a delta once its tensors are unmapped. */
  record DeltaFacts(String digest, int rank, List<String> targets, long parameters) {
    static DeltaFacts of(PeftAdapter adapter) {
      return new DeltaFacts(
          adapter.digest(), adapter.rank(), adapter.targets(), adapter.parameters());
    }
  }
}
