package io.trimtab.adaptation.feedback;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Picture;
import io.trimtab.store.BlobDraft;
import io.trimtab.store.LineName;
import io.trimtab.store.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The pictures that tenants have sent and that are kept: a blob each, by digest, and for each
 * tenant that sent it a line that says so, whose versions say when. A tenant finds its own alone.
 *
 * <p>What was kept within the last {@link #GRACE} is never swept away, so whoever keeps a picture
 * has that long to write down what it is for. A record of feedback names its pictures for as long
 * as it waits to be read: those have a second line, which says when they were last appended.
 *
 * <p>Between processes that hold the same picture of different tenants a moment remains in which
 * one can sweep what the other just kept; the other then finds no picture, and says so. Safe for
 * use by many threads.
 */
public final class TenantPictures {
  /** How long a picture stays without anything that names it. */
  static final Duration GRACE = Duration.ofMinutes(15);

  /** What becomes of the bytes of a picture that a tenant no longer has. */
  enum Blob {
    /** Another line names them. */
    KEEP,
    DELETE
  }

  private static final String KIND = "pictures";
  private static final String APPENDED_KIND = "appended-pictures";
  private static final int LOCKS = 64;

  private final ObjectStore store;
  private final long pictureBytesMax;
  private final Clock clock;

  /** By digest: of those that share a digest, one keeps or sweeps at a time. */
  private final Object[] locks = new Object[LOCKS];

  /** When this process last kept a digest, for any tenant. */
  private final Map<String, Instant> keptHere = new ConcurrentHashMap<>();

  /**
   * Pictures in a store.
   *
   * @param pictureBytesMax most bytes that a picture may have, encoded
   */
  public TenantPictures(ObjectStore store, long pictureBytesMax) {
    this(store, pictureBytesMax, Clock.systemUTC());
  }

  /** The same by another clock. */
  public TenantPictures(ObjectStore store, long pictureBytesMax, Clock clock) {
    this.store = store;
    this.pictureBytesMax = pictureBytesMax;
    this.clock = clock;
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new Object();
    }
  }

  /**
   * Keeps a picture as one that the tenant has sent; durable when this returns.
   *
   * @return the same picture
   * @throws TrimtabException INVALID_ARGUMENT for one that is too large, otherwise what the store
   *     throws
   */
  public Picture keep(String tenant, Picture picture) {
    if (picture.encoded().length > pictureBytesMax) {
      throw TrimtabException.invalid(
          "A picture may take %d bytes, this one takes %d"
              .formatted(pictureBytesMax, picture.encoded().length));
    }
    String sha256 = picture.sha256();
    synchronized (lock(sha256)) {
      keptHere.put(sha256, clock.instant());
      if (!store.hasBlob(sha256)) {
        putBlob(picture);
      }
      touch(line(tenant, sha256), tenant, sha256);
    }
    return picture;
  }

  /**
   * The same for a picture that a record of feedback is about to name by its digest: it stays until
   * the record is settled, however long nobody reads.
   */
  public Picture keepToAppend(String tenant, Picture picture) {
    Picture kept = keep(tenant, picture);
    synchronized (lock(kept.sha256())) {
      touch(appendedLine(tenant, kept.sha256()), tenant, kept.sha256());
    }
    return kept;
  }

  /**
   * Keeps a picture that the tenant has sent before.
   *
   * @return whether it is there
   */
  boolean keepOn(String tenant, String sha256) {
    synchronized (lock(sha256)) {
      if (store.latest(line(tenant, sha256)) == 0 || !store.hasBlob(sha256)) {
        return false;
      }
      keptHere.put(sha256, clock.instant());
      touch(line(tenant, sha256), tenant, sha256);
      return true;
    }
  }

  /**
   * A picture that this tenant has sent and that is still kept.
   *
   * @param sha256 64 lower-case hex digits
   */
  public Optional<Picture> find(String tenant, String sha256) {
    if (store.latest(line(tenant, sha256)) == 0 || !store.hasBlob(sha256)) {
      return Optional.empty();
    }
    try {
      // The store has checked the digest.
      return Optional.of(new Picture(Files.readAllBytes(store.blob(sha256)), sha256));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (TrimtabException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** All that are kept, of all tenants. */
  List<PictureSent> all() {
    return all(KIND);
  }

  /** Those that records of feedback name, as of when they were last appended. */
  List<PictureSent> appended() {
    return all(APPENDED_KIND);
  }

  /** Forgets that records name a picture, unless it was appended again since. */
  void forgetAppended(PictureSent picture) {
    LineName line = appendedLine(picture.tenant(), picture.sha256());
    synchronized (lock(picture.sha256())) {
      if (newest(line).filter(picture::equals).isPresent()) {
        store.deleteLine(line);
      }
    }
  }

  private List<PictureSent> all(String kind) {
    List<PictureSent> all = new ArrayList<>();
    for (LineName line : store.lines(kind)) {
      newest(line).ifPresent(all::add);
    }
    return all;
  }

  /**
   * Forgets that a tenant has sent a picture, unless it was kept again since.
   *
   * @param blob what becomes of the bytes
   * @return whether it is forgotten; one that was kept lately is not
   */
  boolean forget(PictureSent picture, Blob blob) {
    LineName line = line(picture.tenant(), picture.sha256());
    synchronized (lock(picture.sha256())) {
      if (newest(line).filter(now -> !isYoung(now.when())).isEmpty()) {
        return false;
      }
      // The blob first: a line without one is swept again, a blob without a line never.
      if (blob == Blob.DELETE) {
        if (isYoung(keptHere.getOrDefault(picture.sha256(), Instant.MIN))) {
          return false;
        }
        store.deleteBlob(picture.sha256());
      }
      store.deleteLine(line);
      return true;
    }
  }

  /**
   * Whether it was appended so long before a moment that its record was in the log by then, or
   * never came there. Who appended it has another clock than who names the moment.
   */
  static boolean isAppendedBefore(PictureSent appended, Instant moment) {
    return appended.when().isBefore(moment.minus(GRACE).minus(TuningTrigger.SKEW_MAX));
  }

  /** Whether it was kept so lately that what it is for may not be written yet. */
  boolean isYoung(PictureSent picture) {
    return isYoung(picture.when());
  }

  /** Lets go of what is only needed while a picture is young. */
  void forgetOldTimes() {
    keptHere.values().removeIf(when -> !isYoung(when));
  }

  private boolean isYoung(Instant kept) {
    return !kept.isBefore(clock.instant().minus(GRACE));
  }

  private void touch(LineName line, String tenant, String sha256) {
    Instant now = clock.instant();
    Optional<PictureSent> newest = newest(line);
    // Half of the grace is left, then, at least.
    if (newest.filter(sent -> sent.when().isAfter(now.minus(GRACE.dividedBy(2)))).isPresent()) {
      return;
    }
    // Where somebody else is first, they say the same.
    var _ =
        store.putIfAbsent(
            line, store.latest(line) + 1, KeptJson.picture(new PictureSent(tenant, sha256, now)));
  }

  private Optional<PictureSent> newest(LineName line) {
    long latest = store.latest(line);
    return latest == 0 ? Optional.empty() : store.read(line, latest).flatMap(KeptJson::pictureOf);
  }

  private void putBlob(Picture picture) {
    try (BlobDraft draft = store.newBlob(pictureBytesMax)) {
      draft.write(ByteBuffer.wrap(picture.encoded()).asReadOnlyBuffer());
      String sha256 = draft.commit();
      if (!sha256.equals(picture.sha256())) {
        throw new IllegalStateException(
            "A picture says that its digest is %s, and it is %s"
                .formatted(picture.sha256(), sha256));
      }
    }
  }

  private Object lock(String sha256) {
    return locks[Math.floorMod(sha256.hashCode(), LOCKS)];
  }

  private static LineName line(String tenant, String sha256) {
    return LineName.of(KIND, tenant, sha256);
  }

  private static LineName appendedLine(String tenant, String sha256) {
    return LineName.of(APPENDED_KIND, tenant, sha256);
  }
}
