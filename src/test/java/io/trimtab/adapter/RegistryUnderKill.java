package io.trimtab.adapter;

import io.trimtab.adapter.Activation.Force;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.BlobDraft;
import io.trimtab.store.FileObjectStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Random;

/**
 * The program that {@link KilledRegistryTest} kills: it changes adapters at random, from two
 * threads, and says on standard output what it was told is done. It ends by itself only when nobody
 * reads.
 */
final class RegistryUnderKill {
  /** Ends a line: without it, the line was cut. */
  static final String STOP = " .";

  private final FileObjectStore store;
  private final AdapterRegistry registry;

  private RegistryUnderKill(Path root) {
    this.store = FileObjectStore.open(root);
    this.registry =
        AdapterRegistry.open(
            store, new AdapterLimits(256, 1 << 20, 1 << 20, 5, 6), Clock.systemUTC());
  }

  /** Folder of the store, then a seed. */
  public static void main(String[] arguments) {
    RegistryUnderKill program = new RegistryUnderKill(Path.of(arguments[0]));
    long seed = Long.parseLong(arguments[1]);
    Thread.ofPlatform().start(() -> program.run(new Random(seed)));
    program.run(new Random(seed + 1));
  }

  private void run(Random random) {
    while (!System.out.checkError()) {
      try {
        change(random);
      } catch (TrimtabException refused) {
        // Chance asks for what cannot be.
      }
    }
  }

  private void change(Random random) {
    AdapterId id = new AdapterId("tenant-" + random.nextInt(2), "name-" + random.nextInt(3));
    int number = 1 + random.nextInt(8);
    switch (random.nextInt(8)) {
      case 0, 1, 2 -> add(random, id);
      case 3 -> say("blob", put(random, 1 << 16));
      case 4, 5 ->
          say(
              registry.activate(
                  id, new Activation(number, random.nextInt(101), Force.FORCED, "why", 0)));
      case 6 -> say(registry.rollback(id, "why"));
      default -> registry.delete(id, random.nextInt(4) == 0 ? 0 : number, "why");
    }
  }

  private void add(Random random, AdapterId id) {
    byte[] contents = contents(random, 1 << 17);
    try (BlobDraft draft = store.newBlob(contents.length)) {
      draft.write(ByteBuffer.wrap(contents));
      String weights = draft.commit();
      try (BlobPin _ = registry.pin(weights)) {
        say(
            registry.add(
                id,
                Revisions.of(
                    RevisionState.STAGED, new RevisionFiles(weights, weights, contents.length))));
      }
    }
  }

  private String put(Random random, int bytesMax) {
    byte[] contents = contents(random, bytesMax);
    try (BlobDraft draft = store.newBlob(contents.length)) {
      for (int at = 0; at < contents.length; at += 4096) {
        draft.write(ByteBuffer.wrap(contents, at, Math.min(4096, contents.length - at)));
      }
      return draft.commit();
    }
  }

  private static byte[] contents(Random random, int bytesMax) {
    byte[] contents = new byte[1 + random.nextInt(bytesMax)];
    random.nextBytes(contents);
    return contents;
  }

  private static void say(AdapterSnapshot done) {
    say(
        "version",
        done.id().tenant(),
        done.id().name(),
        "" + done.version(),
        "" + done.activeRevision(),
        "" + done.lastRevision());
  }

  private static void say(String... words) {
    System.out.println(String.join(" ", List.of(words)) + STOP);
  }
}
