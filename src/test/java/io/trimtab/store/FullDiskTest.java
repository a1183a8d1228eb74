package io.trimtab.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every step of writing can fail: what is told then, and that nothing is left. */
class FullDiskTest {
  private static final LineName LINE = LineName.of("adapters", "acme", "helper");

  private enum Step {
    WRITE,
    SYNC,
    CREATE_FOLDER,
    LINK,
    MOVE
  }

  @TempDir private Path root;
  private final FailingSteps steps = new FailingSteps();

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"WRITE", "SYNC", "CREATE_FOLDER", "MOVE"})
  void aBlobThatDoesNotFitLeavesNothing(Step step) throws IOException {
    FileObjectStore store = FileObjectStore.open(root, steps);
    steps.failing = step;
    assertFull(() -> put(store), "The blob could not be ");
    assertThat(files()).isEmpty();
    steps.failing = null;
    assertThat(store.blob(put(store))).hasContent("abc");
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"WRITE", "SYNC", "CREATE_FOLDER", "LINK"})
  void aVersionThatDoesNotFitLeavesNothing(Step step) throws IOException {
    FileObjectStore store = FileObjectStore.open(root, steps);
    steps.failing = step;
    assertFull(
        () -> store.putIfAbsent(LINE, 1, "one".getBytes(UTF_8)), "A version could not be written");
    assertThat(files()).isEmpty();
    assertThat(store.latest(LINE)).isZero();
    assertThat(store.lines("adapters")).isEmpty();
    steps.failing = null;
    assertThat(store.putIfAbsent(LINE, 1, "one".getBytes(UTF_8))).isTrue();
  }

  @Test
  void aLineThatCannotBeMovedStaysWhole() {
    FileObjectStore store = FileObjectStore.open(root, steps);
    store.putIfAbsent(LINE, 1, "one".getBytes(UTF_8));
    steps.failing = Step.MOVE;
    assertFull(() -> store.deleteLine(LINE), "A line could not be deleted");
    assertThat(store.latest(LINE)).isEqualTo(1);
    steps.failing = null;
    store.deleteLine(LINE);
    assertThat(store.latest(LINE)).isZero();
  }

  @Test
  void aDraftThatFailedTakesNothingMore() throws IOException {
    FileObjectStore store = FileObjectStore.open(root, steps);
    try (BlobDraft draft = store.newBlob(10)) {
      steps.failing = Step.WRITE;
      assertFull(() -> draft.write(ByteBuffer.allocate(3)), "The blob could not be written");
      assertThat(files()).isEmpty();
      assertThatThrownBy(draft::commit).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void otherFailuresAreUnavailableAndNameNoPath() {
    FileObjectStore store = FileObjectStore.open(root, steps);
    steps.failing = Step.WRITE;
    steps.failure = new FileSystemException("/a/path", null, "Input/output error");
    assertThatThrownBy(() -> put(store))
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessage("The blob could not be written: Input/output error");
  }

  @Test
  void aSpentQuotaIsAFullDisk() {
    FileObjectStore store = FileObjectStore.open(root, steps);
    steps.failing = Step.WRITE;
    steps.failure = new IOException("Disk quota exceeded");
    assertThatThrownBy(() -> put(store))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED));
  }

  private static String put(FileObjectStore store) {
    try (BlobDraft draft = store.newBlob(10)) {
      draft.write(ByteBuffer.wrap("abc".getBytes(UTF_8)));
      return draft.commit();
    }
  }

  private static void assertFull(Runnable call, String message) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            TrimtabException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED))
        .hasMessageStartingWith(message)
        .hasMessageEndingWith(": No space left on device");
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      return paths
          .filter(Files::isRegularFile)
          .filter(each -> !each.toString().endsWith(".lock"))
          .toList();
    }
  }

  /** Half of what is to be written gets through. */
  private static final class FailingSteps implements FileSteps {
    private @Nullable Step failing;
    private IOException failure =
        new FileSystemException("/a/path", null, "No space left on device");

    @Override
    public void write(FileChannel to, ByteBuffer bytes) throws IOException {
      if (failing == Step.WRITE) {
        to.write(bytes.slice(0, bytes.remaining() / 2));
      }
      fail(Step.WRITE);
      FileSteps.super.write(to, bytes);
    }

    @Override
    public void sync(FileChannel file) throws IOException {
      fail(Step.SYNC);
      FileSteps.super.sync(file);
    }

    @Override
    public void createFolder(Path folder) throws IOException {
      fail(Step.CREATE_FOLDER);
      FileSteps.super.createFolder(folder);
    }

    @Override
    public void link(Path link, Path existing) throws IOException {
      fail(Step.LINK);
      FileSteps.super.link(link, existing);
    }

    @Override
    public void move(Path from, Path to) throws IOException {
      fail(Step.MOVE);
      FileSteps.super.move(from, to);
    }

    private void fail(Step step) throws IOException {
      if (failing == step) {
        throw failure;
      }
    }
  }
}
