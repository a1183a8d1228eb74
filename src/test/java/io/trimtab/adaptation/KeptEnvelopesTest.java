package io.trimtab.adaptation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trimtab.adaptation.FaultyStore.Step;
import io.trimtab.adaptation.gate.Envelope;
import io.trimtab.adaptation.gate.KeptEnvelopes;
import io.trimtab.adaptation.gate.SeenEnvelopes;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.adapter.NewRevision;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionFiles;
import io.trimtab.adapter.RevisionState;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.BlobDraft;
import io.trimtab.testing.AdapterBench;
import io.trimtab.testing.FakeEngine;
import io.trimtab.testing.PeftFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the gate saw of a tuned revision is there as long as the revision is. */
class KeptEnvelopesTest {
  private static final PeftFolder FOLDER = PeftFolder.reference("llava-onevision", "sa-proj");
  private static final PeftFolder OTHER = PeftFolder.reference("llava-onevision", "gate-up-rslora");
  private static final AdapterId BIRDS = new AdapterId("acme", "birds");

  @TempDir private Path folder;

  private AdapterBench bench;

  @BeforeEach
  void open() {
    bench = AdapterBench.open(folder);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @ParameterizedTest
  @EnumSource(Verdict.class)
  void itIsThereAfterARestartWhateverTheVerdict(Verdict verdict) {
    Revision made = bench.publisher().publish(candidate("job-1", FOLDER, verdict, 1));
    assertThat(made.state())
        .isEqualTo(verdict == Verdict.PASSED ? RevisionState.ACTIVE : RevisionState.REJECTED);
    assertThat(find(1)).isEqualTo(SeenEnvelopes.numbered(1));

    bench.close();
    bench = AdapterBench.open(folder);
    assertThat(find(1)).isEqualTo(SeenEnvelopes.numbered(1));
    assertThat(bench.kept()).hasSize(3);
  }

  @Test
  void eachRevisionHasItsOwn() {
    for (int i = 1; i <= 3; i++) {
      bench.publisher().publish(candidate("job-" + i, FOLDER, Verdict.PASSED, i));
    }
    bench.publisher().setScale(BIRDS, 3, 0.5f, "damped");
    bench.publisher().rollback(BIRDS, "");

    for (int i = 1; i <= 3; i++) {
      assertThat(find(i)).isEqualTo(SeenEnvelopes.numbered(i));
    }
    // Two files of the same folder, and three envelopes.
    assertThat(bench.kept()).hasSize(5);
  }

  @Test
  void anUploadHasNone() throws IOException {
    upload();
    assertThat(envelopes().find(BIRDS, 1)).isEmpty();
  }

  @Test
  void whatIsNotThereIsNotFound() throws IOException {
    requireCode(ErrorCode.NOT_FOUND, 1);
    upload();
    requireCode(ErrorCode.NOT_FOUND, 2);
    requireCode(ErrorCode.NOT_FOUND, 0);
    assertThat(
            catchThrowableOfType(
                    TrimtabException.class,
                    () -> envelopes().find(new AdapterId("globex", "birds"), 1))
                .code())
        .isEqualTo(ErrorCode.NOT_FOUND);
  }

  @Test
  void itGoesWithTheLastRevisionThatHasIt() {
    bench.publisher().publish(candidate("job-1", FOLDER, Verdict.REFUSED, 1));
    bench.publisher().publish(candidate("job-2", FOLDER, Verdict.REFUSED, 1));
    bench.publisher().publish(candidate("job-3", FOLDER, Verdict.REFUSED, 3));

    bench.registry().delete(BIRDS, 1, "");
    bench.registry().delete(BIRDS, 3, "");
    assertThat(find(2)).isEqualTo(SeenEnvelopes.numbered(1));
    assertThat(bench.kept()).hasSize(3);
    bench.registry().delete(BIRDS, 2, "");
    assertThat(bench.kept()).isEmpty();
  }

  @Test
  void aJobThatPublishesAgainKeepsOneEnvelope() {
    TunedCandidate candidate = candidate("job-1", FOLDER, Verdict.PASSED, 1);
    Revision made = bench.publisher().publish(candidate);
    assertThat(bench.publisher().publish(candidate)).isEqualTo(made);
    assertThat(bench.publisher().publish(candidate("job-1", OTHER, Verdict.PASSED, 2)))
        .isEqualTo(made);
    assertThat(bench.publisher().publish(BIRDS, made)).isEqualTo(made);

    assertThat(find(1)).isEqualTo(SeenEnvelopes.numbered(1));
    assertThat(bench.kept()).hasSize(3);
  }

  @Test
  void aDamagedOneIsSaidAndHarmsNothingElse() throws IOException {
    publishTwo();
    spoil(1);

    requireCode(ErrorCode.INTERNAL, 1);
    assertThatThrownBy(() -> find(1))
        .hasMessageContaining("The envelope of revision 1 of the adapter 'birds' cannot be read")
        .hasMessageContaining("is damaged");
    requireTheRestIsSound();

    bench.close();
    bench = AdapterBench.open(folder);
    requireCode(ErrorCode.INTERNAL, 1);
    requireTheRestIsSound();
    bench.registry().delete(BIRDS, 1, "");
    assertThat(find(2)).isEqualTo(SeenEnvelopes.numbered(2));
  }

  @Test
  void aLostOneIsSaidAndHarmsNothingElse() throws IOException {
    publishTwo();
    Files.delete(blob(1));

    requireCode(ErrorCode.INTERNAL, 1);
    requireTheRestIsSound();
  }

  /** Its digest is right, but nobody here wrote it. */
  @Test
  void oneOfAnotherKindIsSaid() {
    bench.publisher().publish(candidate("job-1", FOLDER, Verdict.PASSED, 1));
    RevisionFiles files = revision(1).files();
    String foreign;
    try (BlobDraft draft = bench.store().newBlob(100)) {
      draft.write(ByteBuffer.wrap("{\"scale\":1}".getBytes(UTF_8)));
      foreign = draft.commit();
    }
    bench
        .registry()
        .add(
            BIRDS,
            new NewRevision(
                "d".repeat(64),
                RevisionState.STAGED,
                "job-2",
                4,
                List.of(),
                1,
                new RevisionFiles(files.config(), files.weights(), files.bytes(), foreign),
                "",
                "",
                bench.engine().model().digest(),
                1,
                null));

    requireCode(ErrorCode.FAILED_PRECONDITION, 2);
    assertThatThrownBy(() -> find(2))
        .hasMessageContaining("Revision 2 of the adapter 'birds'")
        .hasMessageContaining("Expected the envelope");
    assertThat(find(1)).isEqualTo(SeenEnvelopes.numbered(1));
  }

  /** A revision that names an envelope which is not in the store is none. */
  @Test
  void noRevisionIsAddedBeforeItsEnvelopeIsThere() throws IOException {
    bench.publisher().publish(candidate("job-1", FOLDER, Verdict.PASSED, 1));
    RevisionFiles files = revision(1).files();
    assertThatThrownBy(
            () ->
                bench
                    .registry()
                    .add(
                        BIRDS,
                        new NewRevision(
                            "d".repeat(64),
                            RevisionState.STAGED,
                            "job-2",
                            4,
                            List.of(),
                            1,
                            new RevisionFiles(
                                files.config(), files.weights(), files.bytes(), "e".repeat(64)),
                            "",
                            "",
                            bench.engine().model().digest(),
                            1,
                            null)))
        .hasMessageContaining("files are not in the store");
    assertThat(bench.registry().get(BIRDS).lastRevision()).isEqualTo(1);
  }

  /** The third draft is the envelope's; the version's PUT comes after it. */
  @Test
  void whereItCannotBeKeptThereIsNoRevision() {
    FaultyStore faulty = new FaultyStore(bench.store());
    AdapterRegistry registry = AdapterRegistry.open(faulty, AdapterBench.LIMITS, Clock.systemUTC());
    AdapterPublisher publisher =
        new AdapterPublisher(
            FakeEngine.silent(),
            new PeftReader(LiveBench.config("reference/llava-onevision"), AdapterBench.LIMITS),
            faulty,
            registry,
            AdapterBench.LIMITS,
            UploadLimits.defaults());
    TrimtabException full = new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, "No space left");
    faulty.atNext(
        Step.NEW_BLOB,
        () ->
            faulty.atNext(
                Step.NEW_BLOB,
                () ->
                    faulty.atNext(
                        Step.NEW_BLOB,
                        () -> {
                          throw full;
                        })));
    registry.create(BIRDS);
    assertThatThrownBy(() -> publisher.publish(candidate("job-1", FOLDER, Verdict.PASSED, 1)))
        .isSameAs(full);
    assertThat(registry.get(BIRDS).revisions()).isEmpty();
    assertThat(bench.kept()).isEmpty();

    faulty.atNext(
        Step.PUT,
        () -> {
          // All three are durable by now.
          assertThat(bench.kept()).hasSize(3);
          throw full;
        });
    assertThatThrownBy(() -> publisher.publish(candidate("job-1", FOLDER, Verdict.PASSED, 1)))
        .isSameAs(full);
    assertThat(registry.get(BIRDS).revisions()).isEmpty();
    assertThat(bench.kept()).isEmpty();

    publisher.publish(candidate("job-1", FOLDER, Verdict.PASSED, 1));
    assertThat(new KeptEnvelopes(registry).find(BIRDS, 1)).contains(SeenEnvelopes.numbered(1));
  }

  private void publishTwo() {
    bench.publisher().publish(candidate("job-1", FOLDER, Verdict.PASSED, 1));
    bench.publisher().publish(candidate("job-2", OTHER, Verdict.PASSED, 2));
  }

  private void requireTheRestIsSound() throws IOException {
    assertThat(find(2)).isEqualTo(SeenEnvelopes.numbered(2));
    assertThat(bench.registry().get(BIRDS).activeRevision()).isEqualTo(2);
    assertThat(bench.registry().files(ResolvedRevision.of(BIRDS, revision(1))).weights())
        .hasSameBinaryContentAs(FOLDER.weights());
    assertThat(bench.publisher().rollback(BIRDS, "").activeRevision()).isEqualTo(1);
    bench.publisher().activate(BIRDS, Activation.of(2));
  }

  private TunedCandidate candidate(String job, PeftFolder made, Verdict verdict, int number) {
    bench.registry().create(BIRDS);
    return new TunedCandidate(
        BIRDS,
        made.folder(),
        job,
        Instant.now(),
        "",
        1,
        new GateReport(verdict, List.of()),
        SeenEnvelopes.numbered(number));
  }

  private void upload() throws IOException {
    try (AdapterUpload upload =
        bench.publisher().begin(new UploadOrder(BIRDS, "", NoopPolicy.REFUSE, AfterUpload.STAGE))) {
      LiveBench.send(upload, FOLDER);
      assertThat(upload.examine().accepted()).isTrue();
      upload.publish();
    }
  }

  private void spoil(int number) {
    try {
      byte[] bytes = Files.readAllBytes(blob(number));
      bytes[bytes.length / 2] ^= 1;
      Files.write(blob(number), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path blob(int number) {
    String sha256 = Objects.requireNonNull(revision(number).files().envelope());
    return folder.resolve("blobs").resolve(sha256.substring(0, 2)).resolve(sha256);
  }

  private Revision revision(int number) {
    return bench.registry().get(BIRDS).revision(number).orElseThrow();
  }

  private KeptEnvelopes envelopes() {
    return new KeptEnvelopes(bench.registry());
  }

  private Envelope find(int number) {
    return envelopes().find(BIRDS, number).orElseThrow();
  }

  private void requireCode(ErrorCode code, int number) {
    TrimtabException refusal =
        catchThrowableOfType(TrimtabException.class, () -> envelopes().find(BIRDS, number));
    assertThat(refusal.code()).isEqualTo(code);
  }
}
