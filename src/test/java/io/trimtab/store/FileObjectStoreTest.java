package io.trimtab.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileObjectStoreTest {
  private static final LineName LINE = LineName.of("adapters", "acme", "helper");

  /** Of {@code abc}, from FIPS 180-2. */
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @TempDir private Path root;
  private FileObjectStore store;

  @BeforeEach
  void open() {
    store = FileObjectStore.open(root);
  }

  @Test
  void blobsAreNamedByTheSha256OfTheirContents() throws IOException {
    assertThat(put("abc")).isEqualTo(ABC);
    assertThat(store.hasBlob(ABC)).isTrue();
    assertThat(store.blob(ABC)).hasContent("abc").isEqualTo(blobPath(ABC));
  }

  @Test
  void theSameContentsAreOneBlob() throws IOException {
    put("abc");
    put("abc");
    assertThat(filesBelow("blobs")).containsExactly(blobPath(ABC));
  }

  @Test
  void aDraftCanBeReadBeforeItIsKeptAndIsGoneWhenItIsNot() {
    Path file;
    try (BlobDraft draft = store.newBlob(10)) {
      draft.write(bytes("ab"));
      draft.write(bytes("c"));
      file = draft.file();
      assertThat(file).hasContent("abc");
      assertThat(draft.bytes()).isEqualTo(3);
      assertThatThrownBy(() -> draft.write(bytes("d")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Written to when it was WRITTEN");
    }
    assertThat(file).doesNotExist();
    assertThat(store.hasBlob(ABC)).isFalse();
  }

  @Test
  void aDraftTakesNoMoreThanItsLimit() {
    try (BlobDraft draft = store.newBlob(3)) {
      draft.write(bytes("ab"));
      assertRefused(
          () -> draft.write(bytes("cd")),
          ErrorCode.RESOURCE_EXHAUSTED,
          "The blob has 4 bytes or more, expected at most 3");
      draft.write(bytes("c"));
      assertThat(draft.commit()).isEqualTo(ABC);
    }
  }

  @Test
  void anEmptyBlobIsABlob() {
    assertThat(store.blob(put(""))).isEmptyFile();
  }

  @Test
  void aDamagedBlobIsRefusedAndWrittenAnewIsWhole() throws IOException {
    put("abc");
    Files.writeString(blobPath(ABC), "abd");
    assertRefused(
        () -> store.blob(ABC),
        ErrorCode.INTERNAL,
        "The blob "
            + ABC
            + " is damaged: its contents are those of a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9");
    put("abc");
    assertThat(store.blob(ABC)).hasContent("abc");
  }

  @Test
  void aDeletedBlobIsNotFound() {
    put("abc");
    store.deleteBlob(ABC);
    store.deleteBlob(ABC);
    assertThat(store.hasBlob(ABC)).isFalse();
    assertRefused(() -> store.blob(ABC), ErrorCode.NOT_FOUND, "There is no blob " + ABC);
  }

  @Test
  void whatIsNoDigestIsNoBlob() {
    assertThatThrownBy(() -> store.blob("../../etc/passwd"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store.deleteBlob("ab/../" + ABC))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aVersionIsWrittenOnceAndStays() {
    assertThat(store.putIfAbsent(LINE, 1, "one".getBytes(UTF_8))).isTrue();
    assertThat(store.putIfAbsent(LINE, 1, "other".getBytes(UTF_8))).isFalse();
    assertThat(store.read(LINE, 1))
        .hasValueSatisfying(each -> assertThat(each).asString().isEqualTo("one"));
    assertThat(store.read(LINE, 2)).isEmpty();
  }

  @Test
  void linesHaveNoGaps() {
    assertThatThrownBy(() -> store.putIfAbsent(LINE, 2, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Version 2 of a line that has no version 1");
    assertThatThrownBy(() -> store.putIfAbsent(LINE, 0, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theLatestIsFoundWhateverTheLength() {
    for (long version = 1; version <= 70; version++) {
      assertThat(store.latest(LINE)).isEqualTo(version - 1);
      store.putIfAbsent(LINE, version, new byte[0]);
    }
    assertThat(store.latest(LINE)).isEqualTo(70);
  }

  @Test
  void theLatestOfALongLineTakesNoListing() throws IOException {
    store.putIfAbsent(LINE, 1, new byte[0]);
    Path folder = lineFolder();
    for (int version = 2; version <= 20_000; version++) {
      Files.createLink(folder.resolve("" + version), folder.resolve("1"));
    }
    // The shortest of many is what the work takes; noise only ever adds to it.
    long shortest = Long.MAX_VALUE;
    for (int i = 0; i < 100; i++) {
      long start = System.nanoTime();
      assertThat(store.latest(LINE)).isEqualTo(20_000);
      shortest = Math.min(shortest, System.nanoTime() - start);
    }
    // 28 looks, a few microseconds apiece; a listing of the folder takes 10 ms and more.
    assertThat(shortest).isLessThan(2_000_000L);
  }

  @Test
  void linesAreListedByKindAndEmptyOnesAreNone() throws IOException {
    LineName other = LineName.of("adapters", "globex", "helper");
    store.putIfAbsent(LINE, 1, new byte[0]);
    store.putIfAbsent(other, 1, new byte[0]);
    store.putIfAbsent(LineName.of("jobs", "acme"), 1, new byte[0]);
    LineName empty = LineName.of("adapters", "nobody");
    Files.createDirectories(
        root.resolve("lines/adapters/" + empty.digest().substring(0, 2) + "/" + empty.digest()));
    assertThat(store.lines("adapters")).containsExactlyInAnyOrder(LINE, other);
    assertThat(store.lines("pictures")).isEmpty();
  }

  @Test
  void aDeletedLineIsGoneWithAllItsVersionsAndCanBeBegunAnew() throws IOException {
    store.putIfAbsent(LINE, 1, "one".getBytes(UTF_8));
    store.putIfAbsent(LINE, 2, "two".getBytes(UTF_8));
    store.deleteLine(LINE);
    store.deleteLine(LINE);
    assertThat(store.latest(LINE)).isZero();
    assertThat(store.read(LINE, 1)).isEmpty();
    assertThat(store.lines("adapters")).isEmpty();
    assertThat(filesBelow("lines")).isEmpty();
    assertThat(filesBelow("aside")).allMatch(file -> file.toString().endsWith(".lock"));
    assertThat(store.putIfAbsent(LINE, 1, "anew".getBytes(UTF_8))).isTrue();
    assertThat(store.latest(LINE)).isEqualTo(1);
  }

  @Test
  void aLineThatWasMovedAsideWhenItsDeleterWasKilledIsRemovedAtOpen() throws IOException {
    store.putIfAbsent(LINE, 1, "one".getBytes(UTF_8));
    String id = "01234567-89ab-cdef-0123-456789abcdef";
    Files.writeString(root.resolve("aside/" + id + ".lock"), "");
    Files.createDirectories(root.resolve("aside/" + id));
    Files.move(lineFolder(), root.resolve("aside/" + id + "/0"));
    try (FileObjectStore again = FileObjectStore.open(root)) {
      assertThat(again.latest(LINE)).isZero();
      assertThat(root.resolve("aside/" + id)).doesNotExist();
    }
  }

  @Test
  void aWriterThatRacesADeletionWritesAWholeLineOrFails() throws Exception {
    FileObjectStore second = FileObjectStore.open(root);
    Callable<Integer> writer =
        () -> {
          int written = 0;
          for (int i = 0; i < 200; i++) {
            try {
              written += store.putIfAbsent(LINE, 1, new byte[100]) ? 1 : 0;
            } catch (TrimtabException e) {
              assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            }
          }
          return written;
        };
    Callable<Integer> deleter =
        () -> {
          for (int i = 0; i < 200; i++) {
            second.deleteLine(LINE);
          }
          return 0;
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (Future<Integer> each : threads.invokeAll(List.of(writer, deleter))) {
        each.get();
      }
    }
    second.deleteLine(LINE);
    assertThat(filesBelow("lines")).isEmpty();
    assertThat(store.putIfAbsent(LINE, 1, new byte[0])).isTrue();
  }

  @Test
  void oddFilesArePassedOver() throws IOException {
    store.putIfAbsent(LINE, 1, "one".getBytes(UTF_8));
    put("abc");
    Path line = lineFolder();
    Files.createDirectory(line.resolve("2"));
    Files.writeString(line.resolve("3.tmp"), "");
    Files.createSymbolicLink(line.resolve("4"), line.resolve("1"));
    Files.writeString(root.resolve("lines/adapters/README"), "");
    Files.createDirectories(root.resolve("lines/adapters/zz/" + "z".repeat(64)));
    Files.createDirectories(root.resolve("lines/adapters/00/" + LINE.digest()));
    Files.createSymbolicLink(root.resolve("lines/adapters/loop"), root);
    Files.createSymbolicLink(root.resolve("blobs/ba/" + "b".repeat(64)), Path.of("nowhere"));
    String dangling = "ba" + "c".repeat(62);
    Files.createSymbolicLink(root.resolve("blobs/ba/" + dangling), blobPath(ABC));
    Files.createSymbolicLink(root.resolve("aside/loop"), root);
    Files.writeString(root.resolve("aside/note.lock"), "");
    Files.createDirectory(root.resolve("aside/01234567-89ab-cdef-0123-456789abcdef.lock"));

    FileObjectStore again = FileObjectStore.open(root);
    assertThat(again.lines("adapters")).containsExactly(LINE);
    assertThat(again.latest(LINE)).isEqualTo(1);
    assertThat(again.read(LINE, 2)).isEmpty();
    assertThat(again.read(LINE, 4)).isEmpty();
    assertThat(again.hasBlob(dangling)).isFalse();
    again.deleteBlob(dangling);
    assertRefused(
        () -> again.putIfAbsent(LINE, 2, new byte[0]),
        ErrorCode.UNAVAILABLE,
        "A version could not be written: Something that is no version lies in its place");
    assertThat(again.blob(ABC)).hasContent("abc");
  }

  @Test
  void oneOfManyThreadsAndStoresWritesAVersion() throws Exception {
    FileObjectStore second = FileObjectStore.open(root);
    List<Callable<List<Long>>> writers = new ArrayList<>();
    for (FileObjectStore each : List.of(store, second, store, second)) {
      writers.add(
          () ->
              LongStream.rangeClosed(1, 50)
                  .filter(version -> each.putIfAbsent(LINE, version, new byte[100]))
                  .boxed()
                  .toList());
    }
    List<Long> won = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<List<Long>> each : threads.invokeAll(writers)) {
        won.addAll(each.get());
      }
    }
    assertThat(won)
        .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, 50).boxed().toList());
  }

  @Test
  void theFilesOfALivingStoreAreLeftAloneAndThoseOfAClosedOneGo() throws IOException {
    BlobDraft draft = store.newBlob(10);
    draft.write(bytes("abc"));
    FileObjectStore second = FileObjectStore.open(root);
    FileObjectStore third = FileObjectStore.open(root);
    assertThat(draft.file()).hasContent("abc");
    second.close();
    third.close();
    assertThat(draft.commit()).isEqualTo(ABC);
    store.close();
    assertThat(root.resolve("aside")).isEmptyDirectory();
    assertThat(store.blob(ABC)).hasContent("abc");
    assertRefused(
        () -> store.newBlob(1),
        ErrorCode.UNAVAILABLE,
        "A blob could not be begun: The store is closed");
  }

  @Test
  void whatAKilledProcessLeftIsRemovedAtOpen() throws IOException {
    String id = "01234567-89ab-cdef-0123-456789abcdef";
    Files.writeString(root.resolve("aside/" + id + ".lock"), "");
    Files.createDirectories(root.resolve("aside/" + id + "/odd"));
    Files.writeString(root.resolve("aside/" + id + "/0"), "half");
    FileObjectStore.open(root);
    assertThat(root.resolve("aside")).isEmptyDirectory();
  }

  @Test
  void aFileInPlaceOfTheFolderIsRefused() throws IOException {
    Path file = Files.writeString(root.resolve("file"), "");
    assertThatThrownBy(() -> FileObjectStore.open(file))
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
  }

  private String put(String contents) {
    try (BlobDraft draft = store.newBlob(1 << 20)) {
      draft.write(bytes(contents));
      return draft.commit();
    }
  }

  private Path blobPath(String digest) {
    return root.resolve("blobs").resolve(digest.substring(0, 2)).resolve(digest);
  }

  private Path lineFolder() {
    return root.resolve("lines/adapters")
        .resolve(LINE.digest().substring(0, 2))
        .resolve(LINE.digest());
  }

  private List<Path> filesBelow(String folder) throws IOException {
    try (Stream<Path> paths = Files.walk(root.resolve(folder))) {
      return paths.filter(Files::isRegularFile).toList();
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private static void assertRefused(Runnable call, ErrorCode code, String message) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(TrimtabException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessage(message);
  }
}
