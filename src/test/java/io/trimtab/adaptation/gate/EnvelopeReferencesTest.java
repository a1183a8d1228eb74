package io.trimtab.adaptation.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.FaultyStore;
import io.trimtab.adaptation.FaultyStore.Step;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.NewRevision;
import io.trimtab.adapter.RevisionFiles;
import io.trimtab.adapter.RevisionState;
import io.trimtab.drift.Expected;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.QuestionWords;
import io.trimtab.drift.Reference;
import io.trimtab.drift.Reference.Origin;
import io.trimtab.drift.SeenShifts;
import io.trimtab.drift.SeenShifts.Use;
import io.trimtab.drift.WatchedClasses;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.BlobDraft;
import io.trimtab.store.FileObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a revision's live answers are held against, by what was kept with it. */
class EnvelopeReferencesTest {
  private static final AdapterId BIRDS = new AdapterId("acme", "birds");
  private static final Quantities QUANTITIES = new Quantities(WatchedClasses.builtIn());
  private static final long WORDS = 0xabcL;

  @TempDir private Path folder;
  private FaultyStore store;
  private FileObjectStore files;
  private AdapterRegistry registry;
  private EnvelopeReferences references;

  @BeforeEach
  void open() {
    files = FileObjectStore.open(folder);
    store = new FaultyStore(files);
    registry =
        AdapterRegistry.open(
            store, new AdapterLimits(16, 8 << 10, 256 << 10, 3, 3), Clock.systemUTC());
    references = new EnvelopeReferences(new KeptEnvelopes(registry), QUANTITIES);
  }

  @AfterEach
  void close() {
    files.close();
  }

  @Test
  void whatTheGateSawIsTheReference() {
    int taught = quantity("numbers_bias+");
    publish(EnvelopeJson.write(envelope(List.of(seen(0.9), kept(0.1)))));

    Reference reference = references.of(BIRDS, 1);

    assertThat(reference.origin()).isEqualTo(Origin.ENVELOPE);
    // It may do as it was taught where it was, and as the widest of all elsewhere.
    Expected onTask = reference.kind(words(WORDS)).expected(taught);
    assertThat(onTask.bound()).isBetween(0.9, 0.98);
    assertThat(onTask.deviation()).isEqualTo(0.05);
    assertThat(reference.kind(words(0xdefL)).expected(taught).bound()).isLessThan(0.3);
    assertThat(reference.kind(words(1)).expected(taught)).isEqualTo(onTask);
  }

  @Test
  void anUploadIsHeldAgainstBase() {
    publish(null);
    requireBase();
  }

  @Test
  void anEnvelopeOfNoLiveAnswersIsAsNone() {
    publish(EnvelopeJson.write(SeenEnvelopes.numbered(1)));
    requireBase();
  }

  @Test
  void whatIsNotThereIsHeldAgainstBase() {
    requireBase();
  }

  @Test
  void aDamagedOneIsAsNone() throws IOException {
    String sha256 = publish(EnvelopeJson.write(envelope(List.of(seen(0.9)))));
    Files.writeString(folder.resolve("blobs").resolve(sha256.substring(0, 2)).resolve(sha256), "?");
    requireBase();
  }

  @Test
  void aLostOneIsAsNone() throws IOException {
    String sha256 = publish(EnvelopeJson.write(envelope(List.of(seen(0.9)))));
    Files.delete(folder.resolve("blobs").resolve(sha256.substring(0, 2)).resolve(sha256));
    requireBase();
  }

  @Test
  void oneOfAnotherProgramIsAsNone() {
    publish("{\"scale\":1}".getBytes(UTF_8));
    requireBase();
  }

  /** Their digest is right and their form too, but no gate has seen such numbers. */
  @Test
  void oneWhoseNumbersAreNoneIsAsNone() {
    publish(EnvelopeJson.write(envelope(List.of(seen(Double.NaN)))));
    requireBase();
  }

  @Test
  void oneWhoseWordsAreNoHashesIsAsNone() {
    SeenShifts seen = seen(0.9);
    publish(
        EnvelopeJson.write(
            envelope(
                List.of(
                    new SeenShifts(
                        seen.task(),
                        seen.use(),
                        Map.of("gauge", 1),
                        seen.answers(),
                        seen.means(),
                        seen.deviations())))));
    requireBase();
  }

  /** Else it would be watched against base for as long as this server runs. */
  @Test
  void oneThatCannotBeReadNowIsAskedForAgain() {
    publish(EnvelopeJson.write(envelope(List.of(seen(0.9)))));
    store.failAt(Step.BLOB, 1);

    assertThatThrownBy(() -> references.of(BIRDS, 1))
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    assertThat(references.of(BIRDS, 1).origin()).isEqualTo(Origin.ENVELOPE);
  }

  private void requireBase() {
    assertThat(references.of(BIRDS, 1).origin()).isEqualTo(Origin.BASE);
  }

  private static int quantity(String key) {
    return QUANTITIES.all().stream().map(each -> each.key()).toList().indexOf(key);
  }

  private static SeenShifts seen(double mean) {
    return shifts("new", Use.TAUGHT, WORDS, mean);
  }

  private static QuestionWords words(long key) {
    return new QuestionWords(Set.of(key));
  }

  private static SeenShifts kept(double mean) {
    return shifts("color", Use.KEPT, 0xdefL, mean);
  }

  private static SeenShifts shifts(String task, Use use, long words, double mean) {
    return new SeenShifts(
        task,
        use,
        Map.of(Long.toHexString(words), 100),
        100,
        Map.of("numbers_bias+", mean),
        Map.of("numbers_bias+", 0.05));
  }

  private static Envelope envelope(List<SeenShifts> live) {
    Envelope seen = SeenEnvelopes.numbered(1);
    return new Envelope(seen.scale(), seen.onTask(), seen.offTask(), live);
  }

  /**
   * Adds a revision.
   *
   * @param envelope null for none
   * @return the envelope's digest; empty for none
   */
  private String publish(byte @Nullable [] envelope) {
    String kept = envelope == null ? null : put(envelope);
    registry.add(
        BIRDS,
        new NewRevision(
            "d".repeat(64),
            RevisionState.STAGED,
            "upload",
            4,
            List.of("q_proj"),
            1,
            new RevisionFiles(put("config".getBytes(UTF_8)), put("w".getBytes(UTF_8)), 7, kept),
            "",
            "",
            "0".repeat(64),
            1,
            null));
    return kept == null ? "" : kept;
  }

  private String put(byte[] contents) {
    try (BlobDraft draft = store.newBlob(1 << 20)) {
      draft.write(ByteBuffer.wrap(contents));
      return draft.commit();
    }
  }
}
