package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.probes.Probe;
import io.trimtab.adaptation.probes.ProbeFolder;
import io.trimtab.adaptation.probes.ProbeSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BundledProbesTest {
  @TempDir private static Path data;
  private static Path folder;

  @BeforeAll
  static void drawnByTwoAtOnce() throws Exception {
    try (ExecutorService both = Executors.newFixedThreadPool(2)) {
      Callable<Path> drawing = () -> BundledProbes.folder(data);
      List<Future<Path>> folders = both.invokeAll(List.of(drawing, drawing));
      folder = folders.getFirst().get();
      assertThat(folders.getLast().get()).isEqualTo(folder);
    }
    assertThatNothingIsLeftBeside(folder);
  }

  @Test
  void probesHaveAnswersAndRehearsalHasNone() throws IOException {
    ProbeSet set = ProbeFolder.read(folder);
    assertThat(set.probes()).hasSize(300).allMatch(probe -> probe.answer().isPresent());
    assertThat(set.rehearsal()).hasSize(600).allMatch(probe -> probe.answer().isEmpty());
    assertThat(set.probes().stream().map(Probe::task).distinct().count()).isGreaterThan(5);
    assertThat(
            Stream.concat(set.probes().stream(), set.rehearsal().stream())
                .flatMap(probe -> probe.messages().getFirst().pictures())
                .distinct())
        .hasSize(900);
  }

  @Test
  void itIsDrawnOnceAndReplacedWhenDamaged() throws IOException {
    ProbeSet first = ProbeFolder.read(folder);
    FileTime written = Files.getLastModifiedTime(folder.resolve(ProbeFolder.FILE));
    assertThat(BundledProbes.folder(data)).isEqualTo(folder);
    assertThat(Files.getLastModifiedTime(folder.resolve(ProbeFolder.FILE))).isEqualTo(written);

    Files.write(folder.resolve("probe-000.png"), new byte[0]);
    assertThat(ProbeFolder.read(BundledProbes.folder(data))).isEqualTo(first);
    assertThatNothingIsLeftBeside(folder);
  }

  private static void assertThatNothingIsLeftBeside(Path folder) throws IOException {
    try (Stream<Path> siblings = Files.list(folder.getParent())) {
      assertThat(siblings).containsExactly(folder);
    }
  }
}
