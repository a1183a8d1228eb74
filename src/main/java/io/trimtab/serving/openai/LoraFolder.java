package io.trimtab.serving.openai;

import io.trimtab.adaptation.AdapterExamination;
import io.trimtab.adaptation.AdapterFile;
import io.trimtab.adaptation.AdapterPublisher;
import io.trimtab.adaptation.AdapterUpload;
import io.trimtab.adaptation.AfterUpload;
import io.trimtab.adaptation.NoopPolicy;
import io.trimtab.adaptation.UploadOrder;
import io.trimtab.adaptation.job.AdapterDeletion;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.Activation.Force;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.Revision;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.http.FieldException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;

/**
 * Adapters that lie in a folder of the server's, loaded and unloaded by name. To load is to upload
 * and activate: what is loaded has passed every check that an upload does, and is a revision like
 * any. Any thread; calls wait for the disk and the engine.
 */
@Singleton
public class LoraFolder {
  private static final int PIECE_BYTES = 1 << 20;

  private final Optional<Path> folder;
  private final AdapterPublisher publisher;
  private final AdapterRegistry registry;
  private final AdapterDeletion deletion;
  private final InferenceEngine engine;

  @Inject
  LoraFolder(
      OpenAiSettings settings,
      AdapterPublisher publisher,
      AdapterRegistry registry,
      AdapterDeletion deletion,
      InferenceEngine engine) {
    this.folder = settings.loraFolder();
    this.publisher = publisher;
    this.registry = registry;
    this.deletion = deletion;
    this.engine = engine;
  }

  /** What came of an order. */
  enum Outcome {
    DONE,
    /** The name serves a revision already. */
    PRESENT,
    /** There is no such adapter, or nothing at the path. */
    ABSENT,
    /** No folder is set. */
    OFF
  }

  /** What becomes of a revision that the name serves already. */
  enum Present {
    REFUSED,
    /** The new one follows it. */
    REPLACED
  }

  /** What becomes of an unloaded adapter's revisions. */
  enum History {
    KEPT,
    DELETED
  }

  /**
   * Serves what lies at a path under a name.
   *
   * @param path absolute, or from the folder
   * @throws FieldException for a path that leads out of the folder and for files that are no
   *     adapter of this model
   */
  Outcome load(AdapterId id, String path, Present present) {
    if (folder.isEmpty()) {
      return Outcome.OFF;
    }
    if (present == Present.REFUSED && isServed(id)) {
      return Outcome.PRESENT;
    }
    Path config;
    Path weights;
    try {
      Path root = folder.get().toRealPath();
      Path below = root.resolve(path).normalize();
      config = inside(root, below.resolve(AdapterFile.CONFIG.fileName()));
      weights = inside(root, below.resolve(AdapterFile.WEIGHTS.fileName()));
    } catch (IOException _) {
      return Outcome.ABSENT;
    } catch (InvalidPathException _) {
      throw outside();
    }
    upload(new UploadOrder(id, "", NoopPolicy.REFUSE, AfterUpload.ACTIVATE), config, weights);
    return Outcome.DONE;
  }

  /** Serves a name to nobody. */
  Outcome unload(String tenant, String name, History history) {
    if (folder.isEmpty()) {
      return Outcome.OFF;
    }
    if (!AdapterId.isName(name) || name.equals(AdapterId.BASE)) {
      return Outcome.ABSENT;
    }
    AdapterId id = new AdapterId(tenant, name);
    try {
      if (ServedModels.isUnloaded(registry.refresh(id)) && history == History.KEPT) {
        return Outcome.ABSENT;
      }
      switch (history) {
        case KEPT ->
            publisher.activate(
                id, new Activation(0, 100, Force.RESPECTING_STATE, ServedModels.UNLOADED, 0));
        case DELETED -> deletion.delete(id, ServedModels.UNLOADED);
      }
      return Outcome.DONE;
    } catch (TrimtabException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Outcome.ABSENT;
      }
      throw e;
    }
  }

  private boolean isServed(AdapterId id) {
    try {
      AdapterSnapshot snapshot = registry.refresh(id);
      return snapshot.revisions().stream()
          .filter(this::isOfThisModel)
          .anyMatch(
              revision ->
                  revision.revision() == snapshot.activeRevision()
                      || revision.revision() == snapshot.canaryRevision());
    } catch (TrimtabException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  /** The file itself, wherever links lead; told apart from none only inside the folder. */
  private static Path inside(Path root, Path file) throws IOException {
    if (!file.startsWith(root)) {
      throw outside();
    }
    Path real = file.toRealPath();
    if (!real.startsWith(root)) {
      throw outside();
    }
    return real;
  }

  private static FieldException outside() {
    return FieldException.invalid(
        "lora_path", "lora_path leads out of the folder that adapters are loaded from");
  }

  private void upload(UploadOrder order, Path config, Path weights) {
    try (AdapterUpload upload = publisher.begin(order)) {
      send(upload, AdapterFile.CONFIG, config);
      send(upload, AdapterFile.WEIGHTS, weights);
      AdapterExamination examination = upload.examine();
      if (!examination.accepted()) {
        throw new FieldException("lora_path", AdapterUpload.refusal(examination));
      }
      Optional<Revision> known = known(order.id(), upload.digest());
      if (known.isPresent()) {
        var _ = publisher.activate(order.id(), Activation.of(known.get().revision()));
      } else {
        var _ = upload.publish();
      }
    }
  }

  /**
   * A revision of the same weights, so that loading and unloading by turns makes no new ones, and
   * what was quarantined does not come back by another number.
   */
  private Optional<Revision> known(AdapterId id, String digest) {
    try {
      return registry.refresh(id).revisions().stream()
          .filter(revision -> revision.digest().equals(digest) && isOfThisModel(revision))
          .max(Comparator.comparing(revision -> revision.state().servable()));
    } catch (TrimtabException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** One of another model is kept, and served by nobody here. */
  private boolean isOfThisModel(Revision revision) {
    return revision.baseDigest().equals(engine.model().digest());
  }

  private static void send(AdapterUpload upload, AdapterFile file, Path from) {
    upload.file(file.fileName());
    ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
    try (FileChannel source = FileChannel.open(from)) {
      while (source.read(piece) >= 0) {
        upload.data(piece.flip());
        piece.clear();
      }
    } catch (IOException e) {
      throw new TrimtabException(
          ErrorCode.UNAVAILABLE, "%s can't be read now".formatted(file.fileName()), e);
    }
  }
}
