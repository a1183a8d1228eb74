package io.trimtab.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigestMemoryTest {
  @TempDir Path folder;
  private Path cache;
  private Path model;
  private Path weights;
  private int computations;

  @BeforeEach
  void writeModel() throws IOException {
    cache = folder.resolve("cache/digests");
    model = Files.createDirectory(folder.resolve("model"));
    weights = Files.writeString(model.resolve("model.safetensors"), "weights");
    Files.writeString(model.resolve("config.json"), "{}");
  }

  /** A digest that says how often one was computed. */
  private String digest() {
    return DigestMemory.in(cache).digestOf(model, () -> "%064x".formatted(++computations));
  }

  @Test
  void aFolderThatStaysIsDigestedOnce() {
    String first = digest();
    assertThat(digest()).isEqualTo(first);
    assertThat(computations).isEqualTo(1);
  }

  @Test
  void otherSizesTimesAndFilesAreDigestedAnew() throws IOException {
    digest();
    FileTime time = Files.getLastModifiedTime(weights);
    Files.writeString(weights, "longer weights");
    Files.setLastModifiedTime(weights, time);
    digest();
    assertThat(computations).as("another size").isEqualTo(2);

    Instant later = time.toInstant().plusNanos(1000);
    Files.setLastModifiedTime(weights, FileTime.from(later));
    digest();
    assertThat(computations).as("a microsecond later").isEqualTo(3);

    Files.writeString(model.resolve("config.json"), "{ }");
    digest();
    assertThat(computations).as("another configuration").isEqualTo(4);

    Files.writeString(model.resolve("model.safetensors.index.json"), "{}");
    digest();
    assertThat(computations).as("one file more").isEqualTo(5);
  }

  @Test
  void filesThatAreNoPartOfTheModelDoNotMatter() throws IOException {
    digest();
    Files.writeString(model.resolve("README.md"), "text");
    digest();
    assertThat(computations).isEqualTo(1);
  }

  @Test
  void anEntryThatAPowerFailureLeftEmptyIsWrittenAnew() throws IOException {
    digest();
    try (Stream<Path> entries = Files.list(cache)) {
      Files.writeString(entries.findFirst().orElseThrow(), "");
    }
    String second = digest();
    assertThat(second).hasSize(64);
    assertThat(digest()).isEqualTo(second);
    assertThat(computations).isEqualTo(2);
  }

  @Test
  void nothingIsLeftBesideTheEntry() {
    digest();
    assertThat(cache).isDirectoryNotContaining("glob:**/.digest-*");
  }
}
