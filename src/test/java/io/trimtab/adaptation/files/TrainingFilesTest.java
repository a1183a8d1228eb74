package io.trimtab.adaptation.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.FaultyStore;
import io.trimtab.adaptation.FaultyStore.Step;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.FileObjectStore;
import io.trimtab.store.UnsyncedStore;
import io.trimtab.testing.TurnedClock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainingFilesTest {
  private static final FileLimits LIMITS = new FileLimits(100, 10, 2);

  @TempDir Path folder;
  private final TurnedClock clock = new TurnedClock();
  private FileObjectStore disk;
  private FaultyStore store;
  private TrainingFiles files;

  @BeforeEach
  void open() {
    disk = UnsyncedStore.open(folder.resolve("store"));
    store = new FaultyStore(disk);
    files = new TrainingFiles(store, LIMITS, clock);
  }

  @AfterEach
  void close() {
    disk.close();
  }

  @Test
  void aFileIsThereForItsTenantAndAnyProcess() throws IOException {
    TrainingFile file = add("t", "one\ntwo\n");
    TrainingFiles there = new TrainingFiles(disk, LIMITS, clock);
    assertThat(there.get("t", file.id())).isEqualTo(file);
    assertThat(file.bytes()).isEqualTo(8);
    assertThat(contents(there, file)).isEqualTo("one\ntwo\n");
    missing("other", file.id());
    missing("t", "file-0");
    missing("t", "../../etc/passwd");
    assertThat(there.list("other")).isEmpty();
  }

  @Test
  void theNewestIsListedFirst() throws IOException {
    TrainingFile first = add("t", "one");
    clock.turn(Duration.ofSeconds(1));
    TrainingFile second = add("t", "one");
    assertThat(files.list("t")).containsExactly(second, first);
  }

  @Test
  void deletingAFileLeavesOneOfTheSameContentsAlone() throws IOException {
    TrainingFile first = add("t", "one");
    TrainingFile second = add("other", "one");
    files.delete("t", first.id());
    missing("t", first.id());
    assertThat(contents(files, second)).isEqualTo("one");
    assertThatThrownBy(() -> files.contents(first))
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void aTenantHasSoManyFilesAndNoMore() throws IOException {
    TrainingFile first = add("t", "one");
    var _ = add("t", "two");
    assertThatThrownBy(() -> add("t", "three"))
        .hasMessageContaining("There are 2 files, expected at most 2");
    var _ = add("other", "three");
    files.delete("t", first.id());
    var _ = add("t", "three");
  }

  @Test
  void aFileBeyondTheLimitLeavesNothing() {
    assertThatThrownBy(() -> add("t", "x".repeat(101))).isInstanceOf(TrimtabException.class);
    assertThat(files.list("t")).isEmpty();
    assertThat(blobs()).isEmpty();
    assertThat(disk.lines("files")).isEmpty();
  }

  /** Where the process dies while it keeps a file; none of it was answered. */
  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"NEW_BLOB", "PUT", "AFTER_PUT"})
  void anUploadThatAKillEndedIsNoFileAndIsSweptAway(Step step) {
    store.failAt(step, 1);
    assertThatThrownBy(() -> add("t", "one")).hasMessageContaining("The disk is away");
    assertThat(files.list("t")).isEmpty();
    // It may be under way in another process still.
    files.sweep();
    assertThat(disk.lines("files")).hasSize(step == Step.AFTER_PUT ? 1 : 0);
    clock.turn(Duration.ofHours(2));
    files.sweep();
    assertThat(disk.lines("files")).isEmpty();
    assertThat(blobs()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"DELETE_BLOB", "DELETE_LINE"})
  void aDeletionThatAKillEndedIsWholeOrNone(Step step) throws IOException {
    TrainingFile file = add("t", "one");
    store.failAt(step, 1);
    assertThatThrownBy(() -> files.delete("t", file.id())).hasMessageContaining("The disk is away");
    clock.turn(Duration.ofHours(2));
    files.sweep();
    if (step == Step.DELETE_BLOB) {
      assertThat(contents(files, files.get("t", file.id()))).isEqualTo("one");
    } else {
      missing("t", file.id());
      assertThat(disk.lines("files")).isEmpty();
      assertThat(blobs()).isEmpty();
    }
  }

  @Test
  void aSweepLeavesWhatIsThere() throws IOException {
    TrainingFile file = add("t", "one");
    clock.turn(Duration.ofDays(365));
    files.sweep();
    assertThat(contents(files, file)).isEqualTo("one");
  }

  private TrainingFile add(String tenant, String contents) throws IOException {
    return files.add(tenant, "a.jsonl", Files.writeString(folder.resolve("upload"), contents), 1);
  }

  private void missing(String tenant, String id) {
    assertThatThrownBy(() -> files.get(tenant, id))
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  private static String contents(TrainingFiles files, TrainingFile file) throws IOException {
    try (InputStream in = files.contents(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private List<Path> blobs() {
    try (Stream<Path> all = Files.walk(folder.resolve("store").resolve("blobs"))) {
      return all.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
