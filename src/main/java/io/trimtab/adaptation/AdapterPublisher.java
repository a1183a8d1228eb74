package io.trimtab.adaptation;

import io.trimtab.adaptation.AdapterUpload.DeltaFacts;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.BlobPin;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.NewRevision;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionFiles;
import io.trimtab.adapter.RevisionState;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.ObjectStore;
import java.lang.foreign.Arena;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;

/**
 * The one way a revision comes to be, and to be served by name: what comes is checked whole before
 * anything is kept, and what is to be served is in host memory before the name moves. Any thread;
 * calls block on the disk and on the engine.
 */
public final class AdapterPublisher {
  private static final String ORIGIN = "upload";

  private final InferenceEngine engine;
  private final PeftReader reader;
  private final ObjectStore store;
  private final AdapterRegistry registry;
  private final AdapterLimits limits;
  private final UploadLimits uploadLimits;
  private final Semaphore uploads;

  public AdapterPublisher(
      InferenceEngine engine,
      PeftReader reader,
      ObjectStore store,
      AdapterRegistry registry,
      AdapterLimits limits,
      UploadLimits uploadLimits) {
    this.engine = engine;
    this.reader = reader;
    this.store = store;
    this.registry = registry;
    this.limits = limits;
    this.uploadLimits = uploadLimits;
    this.uploads = new Semaphore(uploadLimits.uploadsMax());
  }

  /**
   * Begins an upload, which must be closed.
   *
   * @throws TrimtabException RESOURCE_EXHAUSTED while as many as there may be are in progress
   */
  public AdapterUpload begin(UploadOrder order) {
    if (!uploads.tryAcquire()) {
      throw new TrimtabException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "%d uploads are in progress, expected fewer: try again later"
              .formatted(uploadLimits.uploadsMax()));
    }
    return new AdapterUpload(this, order);
  }

  /**
   * Makes a revision the served one, or a canary, once it is in host memory.
   *
   * @throws TrimtabException what the loading or the registry refuses; the old revision is served
   *     then as before
   */
  public AdapterSnapshot activate(AdapterId id, Activation activation) {
    preload(id, registry.newest(id), activation.revision());
    return registry.activate(id, activation);
  }

  /** Goes back to the revision that was served before, likewise. */
  public AdapterSnapshot rollback(AdapterId id, String reason) {
    return rollback(id, reason, 0);
  }

  /**
   * The same at one version alone.
   *
   * @param ifVersion 0, or the version that the adapter must be at: else FAILED_PRECONDITION
   */
  public AdapterSnapshot rollback(AdapterId id, String reason, long ifVersion) {
    AdapterSnapshot now = registry.newest(id);
    preload(id, now, now.rollbackTarget());
    return registry.rollback(id, reason, ifVersion);
  }

  /**
   * Serves a revision to nobody from now on; where it is the active one, what was served before it
   * is loaded and served again. Base takes over where that cannot be loaded: what is quarantined
   * must not go on.
   *
   * @param ifVersion as of {@link #rollback(AdapterId, String, long)}
   */
  public AdapterSnapshot quarantine(AdapterId id, int number, String reason, long ifVersion) {
    AdapterSnapshot now = registry.newest(id);
    if (now.activeRevision() == number) {
      try {
        preload(id, now, now.rollbackTarget());
      } catch (TrimtabException | CompletionException e) {
        return registry.quarantineToBase(id, number, reason, ifVersion);
      }
    }
    return registry.quarantine(id, number, reason, ifVersion);
  }

  /**
   * Serves a revision at another scale, which for one that is served by name is loaded first. At 0
   * there is nothing to load: whatever fails, base can be served.
   *
   * @param number 0 for the active one
   * @param scale 0 (base) to 1 (as tuned)
   * @throws TrimtabException what the loading or the registry refuses; the old scale is served then
   *     as before
   */
  public AdapterSnapshot setScale(AdapterId id, int number, float scale, String reason) {
    return setScale(id, number, scale, reason, 0);
  }

  /** The same at one version alone, as {@link #rollback(AdapterId, String, long)}. */
  public AdapterSnapshot setScale(
      AdapterId id, int number, float scale, String reason, long ifVersion) {
    AdapterSnapshot now = registry.newest(id);
    now.revision(number == 0 ? now.activeRevision() : number)
        .filter(this::isServed)
        .ifPresent(revision -> preload(id, revision.at(scale)));
    return registry.setScale(id, number, scale, reason, ifVersion);
  }

  private boolean isServed(Revision revision) {
    return switch (revision.state()) {
      case ACTIVE, CANARY -> revision.baseDigest().equals(engine.model().digest());
      case STAGED, RETIRED, REJECTED, QUARANTINED -> false;
    };
  }

  ReceivedFile receive(AdapterFile file) {
    long bytesMax =
        switch (file) {
          case CONFIG -> limits.configBytesMax();
          case WEIGHTS -> limits.weightsBytesMax();
        };
    return new ReceivedFile(file, bytesMax, store);
  }

  PeftReader reader() {
    return reader;
  }

  float outputChange(PeftAdapter adapter) {
    return waitFor(engine.outputChange(adapter));
  }

  Revision publish(
      UploadOrder order, DeltaFacts delta, RevisionFiles blobs, Stream<ReceivedFile> files) {
    AdapterSnapshot snapshot;
    // From before the commit, so that the deletion of a revision with the same files spares them.
    try (BlobPin _ = registry.pin(blobs.config(), blobs.weights())) {
      files.forEach(ReceivedFile::commit);
      snapshot =
          registry.add(
              order.id(),
              new NewRevision(
                  delta.digest(),
                  RevisionState.STAGED,
                  ORIGIN,
                  delta.rank(),
                  delta.targets(),
                  delta.parameters(),
                  blobs,
                  order.note(),
                  "",
                  engine.model().digest(),
                  1,
                  null));
    }
    Revision added = snapshot.revision(snapshot.lastRevision()).orElseThrow();
    return switch (order.after()) {
      case STAGE -> added;
      case ACTIVATE -> activated(order.id(), added);
    };
  }

  /**
   * Keeps what a tuning job has made as the next revision, with the gate's report and envelope, and
   * serves it where the gate let it pass. Told twice of one job, by whichever processes, it makes
   * one revision.
   *
   * @throws TrimtabException INVALID_ARGUMENT for a folder that is no adapter of this model,
   *     NOT_FOUND where the job's adapter is gone; what a failed activation throws, when the
   *     revision is STAGED
   */
  public Revision publish(TunedCandidate candidate) {
    return publish(
        candidate.id(),
        made(candidate.id(), candidate.jobId()).orElseGet(() -> registered(candidate)));
  }

  /**
   * Goes on with what a job has made already: serves it where the gate let it pass.
   *
   * @throws TrimtabException what a failed activation throws, when the revision is STAGED
   */
  public Revision publish(AdapterId id, Revision made) {
    return switch (made.state()) {
      case STAGED -> activated(id, made);
      case CANARY, ACTIVE, RETIRED, REJECTED, QUARANTINED -> made;
    };
  }

  /**
   * The revision that a job has made already, in whichever process.
   *
   * @throws TrimtabException NOT_FOUND where there is no such adapter
   */
  public Optional<Revision> made(AdapterId id, String jobId) {
    return made(registry.newest(id), jobId);
  }

  private static Optional<Revision> made(AdapterSnapshot snapshot, String jobId) {
    return snapshot.revisions().stream()
        .filter(revision -> revision.origin().equals(jobId))
        .findFirst();
  }

  /**
   * Refuses, before the work, where a job's revision would find no room.
   *
   * @throws TrimtabException NOT_FOUND, or RESOURCE_EXHAUSTED at the limit of revisions
   */
  public void requireRoom(AdapterId id) {
    registry.requireRoomForRevision(id);
  }

  /** Whether what had the name at a moment is gone, whoever has it now. */
  public boolean isGone(AdapterId id, Instant since) {
    return registry.isGone(id, since);
  }

  private Revision registered(TunedCandidate candidate) {
    ReceivedFile config = receive(AdapterFile.CONFIG);
    ReceivedFile weights = receive(AdapterFile.WEIGHTS);
    try (config;
        weights;
        Arena arena = Arena.ofShared()) {
      config.copyFrom(candidate.folder());
      weights.copyFrom(candidate.folder());
      DeltaFacts delta = DeltaFacts.of(reader.read(config.path(), weights.path(), arena));
      EnvelopeBlob envelope = new EnvelopeBlob(candidate.envelope());
      RevisionFiles blobs =
          new RevisionFiles(
              config.digest(),
              weights.digest(),
              config.bytes() + weights.bytes(),
              envelope.digest());
      AdapterSnapshot snapshot;
      try (BlobPin _ = registry.pin(blobs.config(), blobs.weights(), envelope.digest())) {
        config.commit();
        weights.commit();
        envelope.commit(store);
        snapshot =
            registry.addOnce(
                candidate.id(),
                new NewRevision(
                    delta.digest(),
                    stateOf(candidate.gate()),
                    candidate.jobId(),
                    delta.rank(),
                    delta.targets(),
                    delta.parameters(),
                    blobs,
                    "",
                    candidate.parentDigest(),
                    engine.model().digest(),
                    candidate.scale(),
                    candidate.gate()),
                candidate.begun());
      }
      return made(snapshot, candidate.jobId()).orElseThrow();
    }
  }

  private static RevisionState stateOf(GateReport gate) {
    return switch (gate.verdict()) {
      case PASSED -> RevisionState.STAGED;
      case REFUSED -> RevisionState.REJECTED;
    };
  }

  void ended() {
    uploads.release();
  }

  private Revision activated(AdapterId id, Revision added) {
    try {
      AdapterSnapshot snapshot = activate(id, Activation.of(added.revision()));
      return snapshot.revision(added.revision()).orElse(added);
    } catch (TrimtabException refusal) {
      throw new TrimtabException(
          refusal.code(),
          "Revision %d of %s is kept, but not active: %s"
              .formatted(added.revision(), id.name(), refusal.getMessage()),
          refusal);
    }
  }

  private void preload(AdapterId id, AdapterSnapshot snapshot, int number) {
    // Nothing to load for base; for a revision that is not there the registry has the words.
    snapshot.revision(number).ifPresent(revision -> preload(id, revision));
  }

  private void preload(AdapterId id, Revision revision) {
    String base = engine.model().digest();
    if (!revision.baseDigest().equals(base)) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "Revision %d of %s belongs to the model %s, expected %s, which is served here"
              .formatted(revision.revision(), id.name(), revision.baseDigest(), base));
    }
    waitFor(engine.preload(ResolvedRevision.of(id, revision)));
  }

  private static <T> T waitFor(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof TrimtabException refusal) {
        throw refusal;
      }
      throw e;
    }
  }
}
