package io.trimtab.adaptation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.Activation.Force;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.Revision;
import io.trimtab.error.TrimtabException;
import io.trimtab.testing.PeftFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Somebody who changes adapters at random, everybody's, and says in each change which it is. */
final class Meddler {
  private static final float[] SCALES = {0, 0.25f, 0.5f, 1};

  private final LiveBench bench;
  private final VersionHistory history;
  private final List<AdapterId> ids;
  private final List<Parcel> pool;
  private final Random random;
  private final String name;
  private int changes;

  /** What a client sends of a folder; its configuration says of its own upload, too. */
  record Parcel(ObjectNode config, byte[] weights) {
    static Parcel of(PeftFolder folder) {
      try {
        return new Parcel(folder.readConfig(), Files.readAllBytes(folder.weights()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  Meddler(
      LiveBench bench,
      VersionHistory history,
      List<AdapterId> ids,
      List<Parcel> pool,
      long seed,
      String name) {
    this.bench = bench;
    this.history = history;
    this.ids = ids;
    this.pool = pool;
    this.random = new Random(seed);
    this.name = name;
  }

  /** Somewhat more often one of the first. */
  static AdapterId picked(List<AdapterId> ids, Random random) {
    return ids.get(random.nextInt(random.nextBoolean() ? ids.size() / 10 : ids.size()));
  }

  /** Makes one change, or is refused because somebody else has made another meanwhile. */
  void change() {
    AdapterId id = picked(ids, random);
    try {
      AdapterSnapshot now = present(id);
      if (now == null) {
        upload(id, AfterUpload.ACTIVATE);
      } else {
        change(id, now);
      }
    } catch (TrimtabException e) {
      switch (e.code()) {
        case NOT_FOUND, FAILED_PRECONDITION -> {}
        default -> throw e;
      }
    }
  }

  private void change(AdapterId id, AdapterSnapshot now) {
    int number = number(now);
    switch (random.nextInt(24)) {
      case 0, 1 -> upload(id, AfterUpload.STAGE);
      case 2, 3 -> upload(id, AfterUpload.ACTIVATE);
      case 4, 5, 6 -> activate(id, number, 100, 0);
      case 7, 8, 9 -> activate(id, Math.max(1, number), 1 + random.nextInt(99), 0);
      // Half of these have been overtaken.
      case 10 -> activate(id, number, 100, now.version() - random.nextInt(2));
      case 11, 12 -> said(words -> bench.publisher().rollback(id, words));
      case 13, 14, 15, 16, 17, 18 -> scale(id, 0);
      case 19, 20 -> scale(id, Math.max(1, number));
      case 21, 22 -> said(words -> deleted(id, Math.max(1, number), words));
      default -> said(words -> deleted(id, 0, words));
    }
  }

  private void activate(AdapterId id, int number, int percent, long ifVersion) {
    int share = number == 0 ? 100 : percent;
    said(
        words -> {
          Activation order =
              new Activation(number, share, Force.RESPECTING_STATE, words, Math.max(0, ifVersion));
          // Whoever does not load first makes the next request wait, and no more than that.
          return random.nextInt(4) == 0
              ? bench.registry().activate(id, order)
              : bench.publisher().activate(id, order);
        });
  }

  private void scale(AdapterId id, int number) {
    float scale = SCALES[random.nextInt(SCALES.length)];
    said(
        words ->
            random.nextBoolean()
                ? bench.registry().setScale(id, number, scale, words)
                : bench.publisher().setScale(id, number, scale, words));
  }

  private AdapterSnapshot deleted(AdapterId id, int number, String words) {
    AdapterSnapshot before = bench.registry().get(id);
    bench.registry().delete(id, number, words);
    return before;
  }

  /** Uploads one of the pool, in bytes that no other upload has. */
  Revision upload(AdapterId id, AfterUpload after) {
    Parcel parcel = pool.get(random.nextInt(pool.size()));
    String words = words();
    return history.during(
        words,
        () -> {
          try (AdapterUpload upload =
              bench.publisher().begin(new UploadOrder(id, words, NoopPolicy.REFUSE, after))) {
            upload.file(AdapterFile.CONFIG.fileName());
            upload.data(ByteBuffer.wrap(config(parcel, words)));
            upload.file(AdapterFile.WEIGHTS.fileName());
            upload.data(ByteBuffer.wrap(parcel.weights));
            AdapterExamination examination = upload.examine();
            if (!examination.accepted()) {
              throw new AssertionError(examination.errors().toString());
            }
            return upload.publish();
          }
        });
  }

  private static byte[] config(Parcel parcel, String words) {
    return parcel
        .config
        .deepCopy()
        .put("revision", words)
        .toString()
        .getBytes(StandardCharsets.UTF_8);
  }

  private interface Change {
    AdapterSnapshot made(String words);
  }

  private void said(Change change) {
    String words = words();
    Supplier<AdapterSnapshot> call = () -> change.made(words);
    AdapterSnapshot _ = history.during(words, call);
  }

  private String words() {
    return name + "-" + changes++;
  }

  /** One of its revisions, 0 for base now and then. */
  private int number(AdapterSnapshot now) {
    return now.revisions().isEmpty() || random.nextInt(10) == 0
        ? 0
        : now.revisions().get(random.nextInt(now.revisions().size())).revision();
  }

  private @Nullable AdapterSnapshot present(AdapterId id) {
    return bench.registry().list(id.tenant()).stream()
        .filter(each -> each.id().equals(id))
        .findFirst()
        .orElse(null);
  }
}
