package io.trimtab.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataFolderCheckTest {
  @TempDir private Path folder;

  @Test
  void aFolderThatIsToBeMadeIsNotMade() throws IOException {
    Path deep = folder.resolve("a/b");
    Finding finding = look(deep, 0);
    assertThat(finding.level()).isNotEqualTo(Level.FAULT);
    assertThat(finding.found()).startsWith(deep + " (to be made), ").contains(" free");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aFileInItsPlaceOrInItsWayIsAFault() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(look(file, 0).level()).isEqualTo(Level.FAULT);
    Finding below = look(file.resolve("data"), 0);
    assertThat(below.level()).isEqualTo(Level.FAULT);
    assertThat(below.found()).contains(file + " is no folder");
    assertThat(below.advice()).contains("--data");
  }

  @Test
  void aLinkToNowhereIsAFault() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nowhere"));
    assertThat(look(link, 0).level()).isEqualTo(Level.FAULT);
  }

  @Test
  void aFolderOfAnotherIsAFault() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      // Root may write everywhere, and so there is nothing to find.
      assumeThat(Files.isWritable(folder)).isFalse();
      assertThat(look(folder, 0).found()).contains("can't be written");
      assertThat(look(folder.resolve("data"), 0).level()).isEqualTo(Level.FAULT);
    } finally {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @Test
  void graphsThatWillNotFitAreAWarning() throws IOException {
    Finding finding = look(folder, 1L << 60);
    assertThat(finding.level()).isEqualTo(Level.WARNING);
    assertThat(finding.found()).contains(" free, expected ");
  }

  private static Finding look(Path folder, long weightsBytes) throws IOException {
    return new DataFolderCheck(folder, weightsBytes).look().getFirst();
  }
}
