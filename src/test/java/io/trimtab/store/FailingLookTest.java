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
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that fails to say what is there says not that nothing is. Links that lead to themselves
 * stand for it: the system refuses to look behind them, to root as well.
 */
class FailingLookTest {
  private static final LineName LINE = LineName.of("adapters", "acme", "helper");

  @TempDir private Path root;
  private FileObjectStore store;
  private String blob;

  @BeforeEach
  void open() {
    store = FileObjectStore.open(root);
    assertThat(store.putIfAbsent(LINE, 1, "one".getBytes(UTF_8))).isTrue();
    try (BlobDraft draft = store.newBlob(10)) {
      draft.write(ByteBuffer.wrap("abc".getBytes(UTF_8)));
      blob = draft.commit();
    }
  }

  @Test
  void aLineThatCannotBeLookedAtIsNotEmpty() throws IOException {
    Path away = hide("lines");
    assertUnavailable(store -> store.latest(LINE));
    assertUnavailable(store -> store.read(LINE, 1));
    assertUnavailable(store -> store.lines("adapters"));
    assertUnavailable(store -> store.putIfAbsent(LINE, 1, new byte[0]));
    assertUnavailable(store -> store.putIfAbsent(LINE, 2, new byte[0]));
    assertUnavailable(store -> store.deleteLine(LINE));
    bringBack(away);
    assertThat(store.latest(LINE)).isEqualTo(1);
    assertThat(store.lines("adapters")).containsExactly(LINE);
  }

  @Test
  void aBlobThatCannotBeLookedAtIsNotGone() throws IOException {
    Path away = hide("blobs");
    assertUnavailable(store -> store.hasBlob(blob));
    assertUnavailable(store -> store.blob(blob));
    assertUnavailable(store -> store.deleteBlob(blob));
    bringBack(away);
    assertThat(store.blob(blob)).hasContent("abc");
  }

  @Test
  void whatLiesBehindAFileIsNotThere() throws IOException {
    Files.move(root.resolve("lines/adapters"), root.resolve("moved"));
    Files.writeString(root.resolve("lines/adapters"), "no folder");
    assertThat(store.latest(LINE)).isZero();
    assertThat(store.lines("adapters")).isEmpty();
  }

  private Path hide(String part) throws IOException {
    Path there = root.resolve(part);
    Path away = Files.move(there, root.resolve("away-" + part));
    Files.createSymbolicLink(there, there);
    return away;
  }

  private void bringBack(Path away) throws IOException {
    Path there = root.resolve(away.getFileName().toString().substring("away-".length()));
    Files.delete(there);
    Files.move(away, there);
  }

  private void assertUnavailable(Consumer<FileObjectStore> call) {
    assertThatThrownBy(() -> call.accept(store))
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessageNotContaining(root.toString());
  }
}
