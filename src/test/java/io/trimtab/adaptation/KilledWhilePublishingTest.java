package io.trimtab.adaptation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.adaptation.gate.KeptEnvelopes;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionSource.PeftFiles;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.store.FileObjectStore;
import io.trimtab.store.LineName;
import io.trimtab.testing.ChildJvm;
import io.trimtab.testing.Shared;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that publishes adapters, killed with SIGKILL at random moments, uploads in progress
 * among them, each time on what the one before left: all that it said is done is there, nothing is
 * half there, and every name is served by a revision that is whole.
 */
@Timeout(600)
class KilledWhilePublishingTest {
  /** Other than 30 with {@code -Dtest.kills}. */
  private static final int KILLS = Integer.getInteger("test.kills", 30);

  private static final Path CHECKPOINT = Shared.path("reference/llava-onevision");

  @TempDir private Path folder;

  private final PeftReader reader =
      new PeftReader(LiveBench.config("reference/llava-onevision"), PublisherUnderKill.LIMITS);

  /** By line. Versions never change, so each is read once, and once more in the end. */
  private final Map<LineName, List<JsonNode>> versions = new HashMap<>();

  private int uploadsCut;
  private int tunedSeen;

  @Test
  void whatWasAcknowledgedIsThereAndNothingIsHalfThere() throws Exception {
    Path root = folder.resolve("store");
    List<String> acknowledged = new ArrayList<>();
    for (int seed = 0; seed < KILLS; seed++) {
      List<String> said = saidUntilKilled(root, seed);
      acknowledged.addAll(said);
      uploadsCut += filesIn(root.resolve("aside")).isEmpty() ? 0 : 1;
      try (FileObjectStore store = FileObjectStore.open(root)) {
        String what = "seed " + seed;
        assertThat(root.resolve("aside")).as(what).isEmptyDirectory();
        readVersions(store);
        said.forEach(line -> assertThere(what, line));
        assertBlobsAreWhole(root, store, what);
        assertAdaptersAreWhole(store, what);
      }
    }
    assertThat(acknowledged).hasSizeGreaterThan(10 * KILLS);
    assertThat(acknowledged).anyMatch(line -> line.startsWith("deleted"));
    assertThat(uploadsCut).as("kills in the middle of an upload").isPositive();
    assertThat(tunedSeen).as("tuned revisions after a kill").isPositive();
    versions.clear();
    try (FileObjectStore store = FileObjectStore.open(root)) {
      readVersions(store);
      acknowledged.forEach(line -> assertThere("in the end", line));
    }
  }

  private List<String> saidUntilKilled(Path root, int seed) throws Exception {
    Random random = new Random(seed);
    int lines = 10 + random.nextInt(30);
    long nanos = random.nextInt(5_000_000);
    List<String> said = new ArrayList<>();
    Process child =
        ChildJvm.start(
            folder, PublisherUnderKill.class, root.toString(), CHECKPOINT.toString(), "" + seed);
    try (BufferedReader output = child.inputReader()) {
      String line;
      while ((line = output.readLine()) != null) {
        if (line.endsWith(PublisherUnderKill.STOP)) {
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

  private void readVersions(FileObjectStore store) throws IOException {
    for (LineName line : store.lines("adapters")) {
      List<JsonNode> known = versions.computeIfAbsent(line, key -> new ArrayList<>());
      long latest = store.latest(line);
      for (long version = known.size() + 1; version <= latest; version++) {
        known.add(
            new ObjectMapper().readTree(store.read(line, version).orElseThrow()).path("adapter"));
      }
    }
  }

  private void assertThere(String what, String line) {
    String[] words = line.split(" ");
    List<JsonNode> kept =
        versions.getOrDefault(LineName.of("adapters", words[1], words[2]), List.of());
    switch (words[0]) {
      case "version" -> {
        int version = Integer.parseInt(words[3]);
        assertThat(kept).as("%s: %s", what, line).hasSizeGreaterThanOrEqualTo(version);
        assertThat(summary(kept.get(version - 1))).as("%s: %s", what, line).isEqualTo(words[4]);
      }
      case "revision" ->
          assertThat(kept)
              .as("%s: %s", what, line)
              .anyMatch(
                  version ->
                      changed(version, "UPLOADED", words[3]) && last(version).equals(words[4]))
              .anyMatch(
                  version ->
                      changed(
                          version, words[5].equals("ACTIVE") ? "ACTIVATED" : "UPLOADED", words[3]));
      case "deleted" ->
          assertThat(kept)
              .as("%s: %s", what, line)
              .anyMatch(
                  version ->
                      changed(version, "DELETED", words[3])
                          && version.at("/change/reason").textValue().equals(words[4]));
      default -> throw new AssertionError(line);
    }
  }

  private static boolean changed(JsonNode version, String kind, String revision) {
    return version.at("/change/kind").textValue().equals(kind)
        && version.at("/change/revision").asText().equals(revision);
  }

  /** Digest of the revision that was added last. */
  private static String last(JsonNode version) {
    JsonNode revisions = version.path("revisions");
    return revisions.path(revisions.size() - 1).path("digest").textValue();
  }

  private static String summary(JsonNode version) {
    StringJoiner revisions = new StringJoiner(",");
    for (JsonNode each : version.path("revisions")) {
      revisions.add(each.path("revision").intValue() + "@" + each.path("scale").floatValue());
    }
    return "%d/%d/%d/%s"
        .formatted(
            version.path("activeRevision").intValue(),
            version.path("canaryRevision").intValue(),
            version.path("canaryPercent").intValue(),
            revisions);
  }

  private static void assertBlobsAreWhole(Path root, FileObjectStore store, String what)
      throws IOException {
    for (Path blob : filesIn(root.toRealPath().resolve("blobs"))) {
      assertThat(store.blob(blob.getFileName().toString())).as(what).isEqualTo(blob);
    }
  }

  /** The newest version of each that is present is what is served, and its files are its own. */
  private void assertAdaptersAreWhole(FileObjectStore store, String what) {
    AdapterRegistry registry =
        AdapterRegistry.open(store, PublisherUnderKill.LIMITS, Clock.systemUTC());
    int present = 0;
    for (String tenant : PublisherUnderKill.TENANTS) {
      for (AdapterSnapshot adapter : registry.list(tenant)) {
        present++;
        assertThat(versions.get(LineName.of("adapters", tenant, adapter.id().name())))
            .as("%s: %s", what, adapter)
            .hasSize(Math.toIntExact(adapter.version()));
        for (Revision revision : adapter.revisions()) {
          boolean tuned = revision.origin().startsWith(PublisherUnderKill.TUNED);
          tunedSeen += tuned ? 1 : 0;
          assertThat(
                  new KeptEnvelopes(registry).find(adapter.id(), revision.revision()).isPresent())
              .as("%s: envelope of revision %d of %s", what, revision.revision(), adapter)
              .isEqualTo(tuned);
          PeftFiles files = registry.files(ResolvedRevision.of(adapter.id(), revision));
          try (Arena arena = Arena.ofConfined()) {
            assertThat(reader.read(files.config(), files.weights(), arena).digest())
                .as("%s: %s", what, adapter)
                .isEqualTo(revision.digest());
          }
        }
      }
    }
    assertThat(present)
        .as(what)
        .isEqualTo(
            Math.toIntExact(
                versions.values().stream()
                    .map(List::getLast)
                    .filter(each -> each.path("existence").textValue().equals("PRESENT"))
                    .count()));
  }

  private static List<Path> filesIn(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      return paths
          .filter(Files::isRegularFile)
          .filter(file -> !file.toString().endsWith(".lock"))
          .toList();
    }
  }
}
