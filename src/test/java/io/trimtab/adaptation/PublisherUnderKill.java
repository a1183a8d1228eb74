package io.trimtab.adaptation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.adaptation.gate.SeenEnvelopes;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.Activation.Force;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.Checkpoint;
import io.trimtab.store.FileObjectStore;
import io.trimtab.testing.FakeEngine;
import io.trimtab.testing.PeftFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The program that {@link KilledWhilePublishingTest} kills: two threads that upload adapters in
 * pieces and one that activates, rolls back, scales and deletes them, and say on standard output
 * what they were told is done. It ends by itself only when nobody reads.
 */
final class PublisherUnderKill {
  static final AdapterLimits LIMITS = new AdapterLimits(64, 64 << 10, 1 << 20, 5, 6);
  static final List<String> TENANTS = List.of("tenant-0", "tenant-1");

  /** Ends a line: without it, the line was cut. */
  static final String STOP = " .";

  /** What the origin of a tuned revision begins with. */
  static final String TUNED = "job-";

  private static final int PIECE_BYTES = 1000;

  private final AdapterRegistry registry;
  private final AdapterPublisher publisher;
  private final List<PeftFolder> folders;
  private final String life;

  private PublisherUnderKill(Path root, Path checkpoint, String life) throws IOException {
    FileObjectStore store = FileObjectStore.open(root);
    this.registry = AdapterRegistry.open(store, LIMITS, Clock.systemUTC());
    this.life = life;
    try (Checkpoint base = Checkpoint.open(checkpoint);
        Stream<Path> adapters = Files.list(checkpoint.resolve("adapters"))) {
      this.publisher =
          new AdapterPublisher(
              FakeEngine.silent(),
              new PeftReader(base.config(), LIMITS),
              store,
              registry,
              LIMITS,
              UploadLimits.defaults());
      this.folders = adapters.sorted().map(PeftFolder::new).toList();
    }
  }

  /** Folders of the store and of the reference checkpoint, then a seed. */
  public static void main(String[] arguments) throws IOException {
    PublisherUnderKill program =
        new PublisherUnderKill(Path.of(arguments[0]), Path.of(arguments[1]), arguments[2]);
    long seed = Long.parseLong(arguments[2]);
    Thread.ofPlatform().start(() -> program.run(new Random(3 * seed), program::upload));
    Thread.ofPlatform().start(() -> program.run(new Random(3 * seed + 1), program::upload));
    program.run(new Random(3 * seed + 2), program::change);
  }

  private interface Work {
    void once(Random random, AdapterId id, String words);
  }

  private void run(Random random, Work work) {
    for (int i = 0; !System.out.checkError(); i++) {
      AdapterId id =
          new AdapterId(TENANTS.get(random.nextInt(TENANTS.size())), "name-" + random.nextInt(3));
      String words = "life-%s-%s-%d".formatted(life, Thread.currentThread().threadId(), i);
      try {
        work.once(random, id, words);
      } catch (TrimtabException refused) {
        // Chance asks for what cannot be.
      }
    }
  }

  private void upload(Random random, AdapterId id, String words) {
    PeftFolder folder = folders.get(random.nextInt(folders.size()));
    if (random.nextInt(3) == 0) {
      publishTuned(folder, id, words, random.nextInt(100));
      return;
    }
    AfterUpload after = random.nextBoolean() ? AfterUpload.ACTIVATE : AfterUpload.STAGE;
    ObjectNode config = folder.readConfig().put("revision", words);
    try (AdapterUpload upload =
        publisher.begin(new UploadOrder(id, words, NoopPolicy.REFUSE, after))) {
      send(upload, AdapterFile.CONFIG, new ObjectMapper().writeValueAsBytes(config));
      send(upload, AdapterFile.WEIGHTS, Files.readAllBytes(folder.weights()));
      AdapterExamination examination = upload.examine();
      if (!examination.accepted()) {
        throw new IllegalStateException(examination.errors().toString());
      }
      Revision revision = upload.publish();
      say("revision", id, revision.revision(), revision.digest(), revision.state());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a tuning job would publish; the gate has passed it. */
  private void publishTuned(PeftFolder folder, AdapterId id, String job, int number) {
    registry.create(id);
    Revision revision =
        publisher.publish(
            new TunedCandidate(
                id,
                folder.folder(),
                TUNED + job,
                Instant.now(),
                "",
                1,
                new GateReport(GateReport.Verdict.PASSED, List.of()),
                SeenEnvelopes.numbered(number)));
    say("revision", id, revision.revision(), revision.digest(), revision.state());
  }

  private static void send(AdapterUpload upload, AdapterFile file, byte[] bytes) {
    upload.file(file.fileName());
    for (int at = 0; at < bytes.length; at += PIECE_BYTES) {
      upload.data(ByteBuffer.wrap(bytes, at, Math.min(PIECE_BYTES, bytes.length - at)));
    }
  }

  private void change(Random random, AdapterId id, String words) {
    List<Revision> revisions = registry.get(id).revisions();
    int number = revisions.isEmpty() ? 0 : any(revisions, random).revision();
    switch (random.nextInt(9)) {
      case 0, 1 ->
          say(
              publisher.activate(
                  id, new Activation(number, 100, Force.RESPECTING_STATE, words, 0)));
      case 2 ->
          say(
              publisher.activate(
                  id,
                  new Activation(
                      number,
                      number == 0 ? 100 : 1 + random.nextInt(99),
                      Force.RESPECTING_STATE,
                      words,
                      0)));
      case 3 -> say(publisher.rollback(id, words));
      case 4, 5 -> say(publisher.setScale(id, number, random.nextInt(5) / 4f, words));
      default -> delete(id, random.nextInt(10) == 0 ? 0 : Math.max(1, number), words);
    }
  }

  private void delete(AdapterId id, int number, String words) {
    registry.delete(id, number, words);
    say("deleted", id, number, words);
  }

  private static Revision any(List<Revision> revisions, Random random) {
    return revisions.get(random.nextInt(revisions.size()));
  }

  private static void say(AdapterSnapshot done) {
    say("version", done.id(), done.version(), summary(done));
  }

  private static void say(String what, AdapterId id, Object... more) {
    StringBuilder line = new StringBuilder("%s %s %s".formatted(what, id.tenant(), id.name()));
    for (Object each : more) {
      line.append(' ').append(each);
    }
    System.out.println(line + STOP);
  }

  /** What a version says of who is served by what. */
  private static String summary(AdapterSnapshot snapshot) {
    return snapshot.revisions().stream()
        .map(each -> each.revision() + "@" + each.scale())
        .collect(
            Collectors.joining(
                ",",
                "%d/%d/%d/"
                    .formatted(
                        snapshot.activeRevision(),
                        snapshot.canaryRevision(),
                        snapshot.canaryPercent()),
                ""));
  }
}
