package io.trimtab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.BundledFiles.Entry;
import io.trimtab.testing.Shared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BundledModelTest {
  @TempDir Path data;

  /**
   * After a change of a file, in the model's folder: {@code find . -type f ! -name index.txt | cut
   * -c 3- | LC_ALL=C sort | while read -r f; do echo "$(sha256sum <"$f" | cut -c 1-64) $(wc -c
   * <"$f") $f"; done >index.txt}
   */
  @ParameterizedTest
  @MethodSource("names")
  void theIndexListsEveryFileWithItsSizeAndDigest(String name) throws Exception {
    Path folder = Shared.path("models/" + name);
    Set<String> listed = new HashSet<>();
    for (Entry entry : BundledFiles.of(name).entries()) {
      byte[] bytes = Files.readAllBytes(folder.resolve(entry.path()));
      assertThat(bytes).as(entry.path()).hasSize((int) entry.bytes());
      assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)))
          .as(entry.path())
          .isEqualTo(entry.sha256());
      listed.add(entry.path());
    }
    listed.add(BundledFiles.INDEX);
    assertThat(files(folder)).isEqualTo(listed);
  }

  @ParameterizedTest
  @MethodSource("names")
  void unpackingGivesTheFilesOnceAndLeavesNothingElse(String name) throws IOException {
    Path folder = BundledModel.unpack(name, data);
    assertThat(folder).startsWith(data.resolve("models")).hasFileName(name);
    assertThat(folder.resolve("model.safetensors"))
        .hasSameBinaryContentAs(Shared.path("models/" + name + "/model.safetensors"));
    var first = Files.getLastModifiedTime(folder.resolve("config.json"));

    assertThat(BundledModel.unpack(name, data)).isEqualTo(folder);
    assertThat(Files.getLastModifiedTime(folder.resolve("config.json"))).isEqualTo(first);
    try (Stream<Path> beside = Files.list(folder.resolveSibling("."))) {
      assertThat(beside.map(Path::normalize)).containsExactly(folder);
    }
  }

  @Test
  void aDamagedFolderIsReplaced() throws IOException {
    Path folder = BundledModel.unpack(BundledModel.DEFAULT, data);
    Files.writeString(folder.resolve("model.safetensors"), "cut");
    Files.delete(folder.resolve("config.json"));
    assertThat(BundledModel.unpack(BundledModel.DEFAULT, data)).isEqualTo(folder);
    assertThat(BundledFiles.of(BundledModel.DEFAULT).isWhole(folder)).isTrue();
    try (Stream<Path> beside = Files.list(folder.resolveSibling("."))) {
      assertThat(beside.map(Path::normalize)).containsExactly(folder);
    }
  }

  @Test
  void manyAtOnceAllGetTheWholeFolder() throws Exception {
    int callers = 4;
    CyclicBarrier together = new CyclicBarrier(callers);
    try (ExecutorService pool = Executors.newFixedThreadPool(callers)) {
      List<Future<Boolean>> whole =
          Stream.generate(() -> pool.submit(() -> unpackedWhole(together))).limit(callers).toList();
      for (Future<Boolean> each : whole) {
        assertThat(each.get()).isTrue();
      }
    }
    try (Stream<Path> beside =
        Files.list(BundledModel.unpack(BundledModel.DEFAULT, data).resolveSibling("."))) {
      assertThat(beside).hasSize(1);
    }
  }

  private boolean unpackedWhole(CyclicBarrier together) throws Exception {
    together.await();
    return BundledFiles.of(BundledModel.DEFAULT)
        .isWhole(BundledModel.unpack(BundledModel.DEFAULT, data));
  }

  @Test
  void aFolderThatCannotBeWrittenIsSaid() throws IOException {
    Path file = Files.createFile(data.resolve("file"));
    assertThatThrownBy(() -> BundledModel.unpack(BundledModel.DEFAULT, file))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("Cannot unpack dinghy-llava into");
  }

  @Test
  void aNameThatIsNotBundledIsAFolder() {
    assertThat(BundledModel.exists("dinghy-llava")).isTrue();
    assertThat(BundledModel.exists("../dinghy-llava")).isFalse();
    assertThat(BundledModel.locate(data.toString(), data)).isEqualTo(data.toAbsolutePath());
    assertThatThrownBy(() -> BundledModel.locate("no-such", data))
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContainingAll("no-such", "dinghy-llava", "dinghy-qwen");
  }

  static List<String> names() {
    return BundledModel.names();
  }

  private static Set<String> files(Path folder) throws IOException {
    Set<String> files = new HashSet<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      paths
          .filter(Files::isRegularFile)
          .forEach(path -> files.add(folder.relativize(path).toString().replace('\\', '/')));
    }
    return files;
  }
}
