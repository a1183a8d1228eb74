package io.trimtab.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.store.FileObjectStore;
import io.trimtab.store.LineName;
import io.trimtab.store.ObjectStore;
import io.trimtab.testing.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that changes adapters, killed with SIGKILL at random moments, each time on what the one
 * before left: all that it said is done is there, and nothing is half there.
 */
@Timeout(300)
class KilledRegistryTest {
  /** More with {@code -Dtest.kills=30}. */
  private static final int KILLS = Integer.getInteger("test.kills", 10);

  @TempDir private Path folder;

  @Test
  void whatWasAcknowledgedIsThereAndNothingIsHalfThere() throws Exception {
    Path root = folder.resolve("store");
    List<String> acknowledged = new ArrayList<>();
    for (int seed = 0; seed < KILLS; seed++) {
      List<String> said = saidUntilKilled(root, seed);
      acknowledged.addAll(said);
      try (FileObjectStore store = FileObjectStore.open(root)) {
        String what = "seed " + seed;
        assertThat(root.resolve("aside")).as(what).isEmptyDirectory();
        said.forEach(line -> assertThere(store, what, line));
        assertBlobsAreWhole(root, store, what);
        assertAdaptersAreWhole(store, what);
      }
    }
    assertThat(acknowledged).hasSizeGreaterThan(10 * KILLS);
    try (FileObjectStore store = FileObjectStore.open(root)) {
      acknowledged.forEach(line -> assertThere(store, "in the end", line));
    }
  }

  private List<String> saidUntilKilled(Path root, long seed) throws Exception {
    Random random = new Random(seed);
    int lines = 10 + random.nextInt(30);
    long nanos = random.nextInt(3_000_000);
    List<String> said = new ArrayList<>();
    Process child = ChildJvm.start(folder, RegistryUnderKill.class, root.toString(), "" + 2 * seed);
    try (BufferedReader output = child.inputReader()) {
      String line;
      while ((line = output.readLine()) != null) {
        if (line.endsWith(RegistryUnderKill.STOP)) {
          said.add(line);
        }
        if (said.size() == lines) {
          LockSupport.parkNanos(nanos);
          // Through its handle, for the process would close what is still to be read.
          child.toHandle().destroyForcibly();
        }
      }
    } finally {
      child.destroyForcibly().waitFor();
    }
    // What was in the pipe when it was killed was acknowledged as well.
    assertThat(said).as("seed %d", seed).hasSizeGreaterThanOrEqualTo(lines);
    return said;
  }

  private static void assertThere(ObjectStore store, String what, String line) {
    String[] words = line.split(" ");
    if (words[0].equals("blob")) {
      assertThat(store.blob(words[1])).as(what).exists();
      return;
    }
    AdapterSnapshot kept =
        read(store, LineName.of("adapters", words[1], words[2]), Long.parseLong(words[3]), what);
    assertThat(kept.activeRevision()).as(what).isEqualTo(Integer.parseInt(words[4]));
    assertThat(kept.lastRevision()).as(what).isEqualTo(Integer.parseInt(words[5]));
  }

  private static void assertBlobsAreWhole(Path root, ObjectStore store, String what)
      throws IOException {
    try (Stream<Path> paths = Files.walk(root.toRealPath().resolve("blobs"))) {
      paths
          .filter(Files::isRegularFile)
          .forEach(
              blob ->
                  assertThat(store.blob(blob.getFileName().toString())).as(what).isEqualTo(blob));
    }
  }

  private static void assertAdaptersAreWhole(ObjectStore store, String what) {
    for (LineName line : store.lines("adapters")) {
      long latest = store.latest(line);
      for (long version = 1; version <= latest; version++) {
        read(store, line, version, what);
      }
    }
    AdapterRegistry registry =
        AdapterRegistry.open(store, AdapterLimits.defaults(), Clock.systemUTC());
    for (String tenant : List.of("tenant-0", "tenant-1")) {
      for (AdapterSnapshot adapter : registry.list(tenant)) {
        for (Revision revision : adapter.revisions()) {
          assertThat(registry.files(ResolvedRevision.of(adapter.id(), revision)).weights())
              .as(what)
              .hasSize(revision.files().bytes());
        }
      }
    }
  }

  private static AdapterSnapshot read(ObjectStore store, LineName line, long version, String what) {
    try {
      return SnapshotJson.read(store.read(line, version).orElseThrow());
    } catch (UnreadableVersion e) {
      throw new AssertionError("%s, version %d of %s".formatted(what, version, line), e);
    }
  }
}
