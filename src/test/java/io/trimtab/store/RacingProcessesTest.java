package io.trimtab.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.testing.ChildJvm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The compare-and-set between processes, and whose unfinished files are whose. */
@Timeout(120)
class RacingProcessesTest {
  private static final LineName LINE = LineName.of("races", "one");
  private static final int VERSIONS = 100;

  @TempDir private Path folder;

  @Test
  void oneProcessWritesAVersionAndTheOtherIsTold() throws Exception {
    Path root = folder.resolve("store");
    FileObjectStore store = FileObjectStore.open(root);
    BlobDraft draft = store.newBlob(10);
    Process child = ChildJvm.start(folder, Writer.class, root.toString());
    List<Long> won = new ArrayList<>();
    try (var output = child.inputReader()) {
      // It has opened the store, and swept.
      assertThat(output.readLine()).isEqualTo("open");
      won.addAll(won(store, "here"));
      output.lines().map(Long::valueOf).forEach(won::add);
      assertThat(child.waitFor()).isZero();
    } finally {
      child.destroyForcibly();
    }
    assertThat(won)
        .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, VERSIONS).boxed().toList());
    assertThat(draft.file()).exists();
    store.close();
  }

  private static List<Long> won(FileObjectStore store, String who) {
    return LongStream.rangeClosed(1, VERSIONS)
        .filter(version -> store.putIfAbsent(LINE, version, who.getBytes(UTF_8)))
        .boxed()
        .toList();
  }

  /** The other process. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) {
      try (FileObjectStore store = FileObjectStore.open(Path.of(arguments[0]))) {
        System.out.println("open");
        won(store, "there").forEach(System.out::println);
      }
    }
  }
}
