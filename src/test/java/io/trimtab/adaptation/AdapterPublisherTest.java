package io.trimtab.adaptation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.NewRevision;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionFiles;
import io.trimtab.adapter.RevisionState;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.testing.AdapterBench;
import io.trimtab.testing.FullDiskDraft;
import io.trimtab.testing.PeftFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AdapterPublisherTest {
  private static final PeftFolder FOLDER = PeftFolder.reference("llava-onevision", "sa-proj");
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

  @Test
  void aFolderBecomesAStagedRevisionWithItsFiles() throws IOException {
    Revision revision = upload(order(NoopPolicy.REFUSE, AfterUpload.STAGE));

    assertThat(revision.revision()).isEqualTo(1);
    assertThat(revision.state()).isEqualTo(RevisionState.STAGED);
    assertThat(revision.origin()).isEqualTo("upload");
    assertThat(revision.note()).isEqualTo("wings");
    assertThat(revision.baseDigest()).isEqualTo(bench.engine().model().digest());
    assertThat(revision.targets()).containsExactly("q_proj", "k_proj", "v_proj", "o_proj");
    assertThat(revision.files().bytes())
        .isEqualTo(Files.size(FOLDER.config()) + Files.size(FOLDER.weights()));
    var files = bench.registry().files(ResolvedRevision.of(BIRDS, revision));
    assertThat(files.config()).hasSameBinaryContentAs(FOLDER.config());
    assertThat(files.weights()).hasSameBinaryContentAs(FOLDER.weights());
    assertThat(bench.kept()).hasSize(2);
    assertThat(bench.engine().preloaded()).isEmpty();
  }

  @Test
  void filesComeInAnyOrderAndInPiecesOfAnySize() throws IOException {
    try (AdapterUpload upload =
        bench.publisher().begin(order(NoopPolicy.REFUSE, AfterUpload.STAGE))) {
      upload.file("adapter_model.safetensors");
      byte[] weights = Files.readAllBytes(FOLDER.weights());
      for (int i = 0; i < weights.length; i += 1000) {
        upload.file(i % 2000 == 0 ? "" : "adapter_model.safetensors");
        upload.data(ByteBuffer.wrap(weights, i, Math.min(1000, weights.length - i)));
      }
      send(upload, FOLDER.config());
      assertThat(upload.examine().accepted()).isTrue();
      assertThat(upload.publish().revision()).isEqualTo(1);
    }
  }

  @Test
  void anActivatedRevisionIsLoadedBeforeItIsServed() throws IOException {
    Revision revision = upload(order(NoopPolicy.REFUSE, AfterUpload.ACTIVATE));

    assertThat(revision.state()).isEqualTo(RevisionState.ACTIVE);
    assertThat(bench.engine().preloaded())
        .extracting(ResolvedRevision::revision)
        .containsExactly(1);
    assertThat(bench.registry().get(BIRDS).activeRevision()).isEqualTo(1);
  }

  @Test
  void aRevisionThatCannotBeLoadedLeavesTheOldOneServing() throws IOException {
    upload(order(NoopPolicy.REFUSE, AfterUpload.ACTIVATE));
    bench.engine().preloadFailure(new TrimtabException(ErrorCode.UNAVAILABLE, "The disk is slow"));

    assertThatThrownBy(() -> upload(order(NoopPolicy.REFUSE, AfterUpload.ACTIVATE)))
        .hasMessage("Revision 2 of birds is kept, but not active: The disk is slow");
    assertThatThrownBy(() -> bench.publisher().activate(BIRDS, Activation.of(2)))
        .hasMessage("The disk is slow");
    AdapterSnapshot now = bench.registry().get(BIRDS);
    assertThat(now.activeRevision()).isEqualTo(1);
    assertThat(now.revision(2)).get().extracting(Revision::state).isEqualTo(RevisionState.STAGED);
  }

  @Test
  void aRollbackLoadsWhatItGoesBackTo() throws IOException {
    upload(order(NoopPolicy.REFUSE, AfterUpload.ACTIVATE));
    upload(order(NoopPolicy.REFUSE, AfterUpload.ACTIVATE));

    assertThat(bench.publisher().rollback(BIRDS, "").activeRevision()).isEqualTo(1);
    assertThat(bench.publisher().rollback(BIRDS, "").activeRevision()).isZero();
    assertThat(bench.engine().preloaded())
        .extracting(ResolvedRevision::revision)
        .containsExactly(1, 2, 1);
  }

  @Test
  void aRevisionOfAnotherModelIsNotActivated() throws IOException {
    RevisionFiles files = upload(order(NoopPolicy.REFUSE, AfterUpload.STAGE)).files();
    bench
        .registry()
        .add(
            BIRDS,
            new NewRevision(
                "d",
                RevisionState.STAGED,
                "upload",
                4,
                List.of(),
                1,
                files,
                "",
                "",
                "f".repeat(64),
                1,
                null));

    assertThatThrownBy(() -> bench.publisher().activate(BIRDS, Activation.of(2)))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageContaining("f".repeat(64));
    assertThat(bench.engine().preloaded()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0, changes nothing", "NaN, computes no numbers", "Infinity, computes no numbers"})
  void anAdapterIsRefusedForWhatItDoesOnTheProbe(float change, String words) {
    bench.engine().outputChange(change);

    assertThatThrownBy(() -> upload(order(NoopPolicy.REFUSE, AfterUpload.STAGE)))
        .hasMessageContaining(words);
    assertThat(bench.kept()).isEmpty();
    assertThat(bench.registry().list("acme")).isEmpty();
  }

  @Test
  void anAdapterThatDoesNothingIsKeptWhenAskedFor() throws IOException {
    bench.engine().outputChange(0);
    assertThat(upload(order(NoopPolicy.ALLOW, AfterUpload.STAGE)).revision()).isEqualTo(1);
    bench.engine().outputChange(Float.NaN);
    assertThatThrownBy(() -> upload(order(NoopPolicy.ALLOW, AfterUpload.STAGE)))
        .hasMessageContaining("computes no numbers");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../adapter_config.json",
        "/etc/passwd",
        "x/adapter_model.safetensors",
        "adapter_config.json/",
        "ADAPTER_CONFIG.JSON",
        "adapter_config.json\u0000",
        "adapter_cоnfig.json",
        "README.md",
        "..",
      })
  void aFileOfAnyOtherNameIsRefused(String path) {
    try (AdapterUpload upload =
        bench.publisher().begin(order(NoopPolicy.REFUSE, AfterUpload.STAGE))) {
      assertThatThrownBy(() -> upload.file(path))
          .hasMessageContaining("is no file of an adapter")
          .hasMessageNotContaining("\u0000");
    }
    assertThat(bench.kept()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"adapter_model.bin", "model.pt", "a.pth", "b.PKL", "c.pickle", "../d.ckpt"})
  void aPickleFileIsRefusedAsOne(String path) {
    try (AdapterUpload upload =
        bench.publisher().begin(order(NoopPolicy.REFUSE, AfterUpload.STAGE))) {
      assertThatThrownBy(() -> upload.file(path)).hasMessageContaining("is a pickle file");
    }
  }

  @Test
  void chunksOutOfOrderAreRefused() throws IOException {
    try (AdapterUpload upload =
        bench.publisher().begin(order(NoopPolicy.REFUSE, AfterUpload.STAGE))) {
      assertThatThrownBy(() -> upload.file("")).hasMessageContaining("has no path");
      send(upload, FOLDER.config());
      send(upload, FOLDER.weights());
      assertThatThrownBy(() -> upload.file("adapter_config.json"))
          .hasMessageContaining("a second time");
    }
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    try (AdapterUpload upload =
        bench.publisher().begin(order(NoopPolicy.REFUSE, AfterUpload.STAGE))) {
      assertThat(upload.examine().errors())
          .singleElement()
          .asString()
          .contains("adapter_config.json is missing", "no file");
      send(upload, FOLDER.config());
      assertThat(upload.examine().errors())
          .singleElement()
          .asString()
          .contains("adapter_model.safetensors is missing", "adapter_config.json");
    }
  }

  @Test
  void aFileIsCutOffAtItsLimit() {
    try (AdapterUpload upload =
        bench.publisher().begin(order(NoopPolicy.REFUSE, AfterUpload.STAGE))) {
      upload.file("adapter_config.json");
      upload.data(ByteBuffer.allocate(8 << 10));
      assertThatThrownBy(() -> upload.data(ByteBuffer.allocate(1)))
          .hasMessageContaining("adapter_config.json has more than 8192 bytes");
      upload.file("adapter_model.safetensors");
      upload.data(ByteBuffer.allocate(200 << 10));
      assertThatThrownBy(() -> upload.data(ByteBuffer.allocate(200 << 10)))
          .hasMessageContaining("expected at most 262144");
    }
    assertThat(bench.kept()).isEmpty();
  }

  @Test
  void aConfigurationThatIsNotJsonIsRefused() throws IOException {
    try (AdapterUpload upload =
        bench.publisher().begin(order(NoopPolicy.REFUSE, AfterUpload.STAGE))) {
      upload.file("adapter_config.json");
      upload.data(ByteBuffer.wrap("not JSON".getBytes(StandardCharsets.UTF_8)));
      send(upload, FOLDER.weights());
      AdapterExamination examination = upload.examine();
      assertThat(examination.accepted()).isFalse();
      assertThat(AdapterUpload.refusal(examination).code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(examination.errors()).anyMatch(error -> error.contains("adapter_config.json"));
    }
    assertThat(bench.kept()).isEmpty();
  }

  @Test
  void anUploadThatIsLeftLeavesNothing() throws IOException {
    try (AdapterUpload upload =
        bench.publisher().begin(order(NoopPolicy.REFUSE, AfterUpload.STAGE))) {
      send(upload, FOLDER.config());
      send(upload, FOLDER.weights());
      assertThat(upload.examine().accepted()).isTrue();
      assertThat(bench.kept()).hasSize(2);
    }
    assertThat(bench.kept()).isEmpty();
  }

  @Test
  void aRevisionThatTheRegistryRefusesLeavesNoFiles() throws IOException {
    for (String name : List.of("a", "b", "c")) {
      bench.registry().create(new AdapterId("acme", name));
    }
    assertThatThrownBy(() -> upload(order(NoopPolicy.REFUSE, AfterUpload.STAGE)))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED));
    assertThat(bench.kept()).isEmpty();
  }

  @Test
  void aFullDiskIsSaidAndLeavesNothing() {
    try (AdapterBench full =
        AdapterBench.open(
            folder.resolve("full"),
            UploadLimits.defaults(),
            store -> new AdapterBench.Drafts(store, draft -> new FullDiskDraft(draft, 10_000)))) {
      TrimtabException refusal =
          catchThrowableOfType(
              TrimtabException.class,
              () -> upload(full, order(NoopPolicy.REFUSE, AfterUpload.STAGE)));
      assertThat(refusal.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
      assertThat(refusal).hasMessageContaining("No space left");
      assertThat(full.kept()).isEmpty();
    }
  }

  @Test
  void oneUploadTooManyIsRefusedUntilAnotherEnds() {
    UploadLimits one = new UploadLimits(1, Duration.ofSeconds(30));
    UploadOrder order = order(NoopPolicy.REFUSE, AfterUpload.STAGE);
    try (AdapterBench small = AdapterBench.open(folder.resolve("small"), one, store -> store)) {
      AdapterUpload first = small.publisher().begin(order);
      assertThatThrownBy(() -> small.publisher().begin(order))
          .isInstanceOfSatisfying(
              TrimtabException.class,
              refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED));
      first.close();
      first.close();
      small.publisher().begin(order).close();
      try (AdapterUpload _ = small.publisher().begin(order)) {
        assertThatThrownBy(() -> small.publisher().begin(order)).hasMessageContaining("uploads");
      }
    }
  }

  private static UploadOrder order(NoopPolicy noop, AfterUpload after) {
    return new UploadOrder(BIRDS, "wings", noop, after);
  }

  private Revision upload(UploadOrder order) throws IOException {
    return upload(bench, order);
  }

  private static Revision upload(AdapterBench to, UploadOrder order) throws IOException {
    try (AdapterUpload upload = to.publisher().begin(order)) {
      send(upload, FOLDER.config());
      send(upload, FOLDER.weights());
      AdapterExamination examination = upload.examine();
      if (!examination.accepted()) {
        throw AdapterUpload.refusal(examination);
      }
      return upload.publish();
    }
  }

  private static void send(AdapterUpload upload, Path file) throws IOException {
    upload.file(file.getFileName().toString());
    upload.data(ByteBuffer.wrap(Files.readAllBytes(file)));
  }
}
