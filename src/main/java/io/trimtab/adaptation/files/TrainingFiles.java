package io.trimtab.adaptation.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.BlobDraft;
import io.trimtab.store.LineName;
import io.trimtab.store.ObjectStore;
import io.trimtab.store.Sha256;
import io.trimtab.store.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Training data that tenants have uploaded: a line of the store for each file, and a blob with its
 * contents. A file is there while both are. The line is written first and the blob deleted first,
 * so that whatever a kill leaves is a line that {@link #sweep} finds. The blob begins with the
 * file's id, so that no two files share one, and deleting one leaves all others alone. Files never
 * change. Safe for use by many threads and processes; calls wait for the disk.
 */
public final class TrainingFiles {
  private static final System.Logger LOG = System.getLogger(TrainingFiles.class.getName());
  private static final String KIND = "files";
  private static final long VERSION = 1;
  private static final int PIECE_BYTES = 1 << 18;
  private static final Pattern ID = Pattern.compile("file-[0-9a-f]{32}");

  /** An upload that has written its line has its blob long before that. */
  private static final Duration UNFINISHED_MAX = Duration.ofHours(1);

  private static final JsonMapper JSON = StrictJson.builder().build();

  private final ObjectStore store;
  private final FileLimits limits;
  private final Clock clock;

  public TrainingFiles(ObjectStore store, FileLimits limits, Clock clock) {
    this.store = store;
    this.limits = limits;
    this.clock = clock;
  }

  public FileLimits limits() {
    return limits;
  }

  /**
   * Keeps a file; it is durable when this returns.
   *
   * @param lines that hold an example, of contents that were checked
   * @throws TrimtabException INVALID_ARGUMENT for one that is too large, RESOURCE_EXHAUSTED where
   *     the tenant has as many as it may, or what the store throws
   */
  public TrainingFile add(String tenant, String name, Path contents, int lines) throws IOException {
    requireRoom(tenant);
    String id = "file-" + UUID.randomUUID().toString().replace("-", "");
    byte[] head = (id + "\n").getBytes(StandardCharsets.US_ASCII);
    try (BlobDraft draft = store.newBlob(limits.bytesMax() + head.length)) {
      MessageDigest digest = Sha256.start();
      digest.update(head);
      draft.write(ByteBuffer.wrap(head));
      try (InputStream in = Files.newInputStream(contents)) {
        byte[] piece = new byte[PIECE_BYTES];
        for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
          digest.update(piece, 0, read);
          draft.write(ByteBuffer.wrap(piece, 0, read));
        }
      }
      TrainingFile file =
          new TrainingFile(
              tenant,
              id,
              name,
              draft.bytes() - head.length,
              lines,
              HexFormat.of().formatHex(digest.digest()),
              head.length,
              clock.instant());
      keep(file, draft);
      return file;
    }
  }

  private void keep(TrainingFile file, BlobDraft draft) {
    LineName line = line(file.tenant(), file.id());
    if (!store.putIfAbsent(line, VERSION, json(file))) {
      throw new IllegalStateException("A new id is taken: " + file.id());
    }
    String kept = draft.commit();
    if (!kept.equals(file.blob())) {
      throw new IllegalStateException(
          "The blob of %s is %s, expected %s".formatted(file.id(), kept, file.blob()));
    }
  }

  /**
   * One of the tenant's files.
   *
   * @throws TrimtabException NOT_FOUND, of another tenant's too
   */
  public TrainingFile get(String tenant, String id) {
    return Optional.of(id)
        .filter(each -> ID.matcher(each).matches())
        .flatMap(each -> read(line(tenant, each)))
        .filter(this::isThere)
        .orElseThrow(() -> notFound(id));
  }

  /** The tenant's files, newest first. */
  public List<TrainingFile> list(String tenant) {
    return all()
        .filter(file -> file.tenant().equals(tenant))
        .filter(this::isThere)
        .sorted(
            Comparator.comparing(TrainingFile::created).thenComparing(TrainingFile::id).reversed())
        .toList();
  }

  /**
   * A file's contents, to be closed by the caller; a deletion meanwhile may end them.
   *
   * @throws TrimtabException NOT_FOUND where the file was just deleted
   */
  public InputStream contents(TrainingFile file) {
    try {
      InputStream in = Files.newInputStream(store.blob(file.blob()));
      try {
        in.skipNBytes(file.headBytes());
      } catch (IOException e) {
        in.close();
        throw e;
      }
      return in;
    } catch (NoSuchFileException e) {
      throw notFound(file.id());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Deletes a file; corrections that were made of it stay.
   *
   * @throws TrimtabException NOT_FOUND, of another tenant's too
   */
  public void delete(String tenant, String id) {
    delete(get(tenant, id));
  }

  private void delete(TrainingFile file) {
    store.deleteBlob(file.blob());
    store.deleteLine(line(file.tenant(), file.id()));
  }

  /** Deletes what is left of uploads and deletions that a kill has ended. */
  public void sweep() {
    all()
        .filter(file -> file.created().isBefore(clock.instant().minus(UNFINISHED_MAX)))
        .filter(file -> !isThere(file))
        .forEach(this::delete);
  }

  private boolean isThere(TrainingFile file) {
    return store.hasBlob(file.blob());
  }

  private void requireRoom(String tenant) {
    int files = list(tenant).size();
    if (files >= limits.perTenantMax()) {
      throw new TrimtabException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "There are %d files, expected at most %d: delete some"
              .formatted(files, limits.perTenantMax()));
    }
  }

  private Stream<TrainingFile> all() {
    return store.lines(KIND).stream().flatMap(line -> read(line).stream());
  }

  private Optional<TrainingFile> read(LineName line) {
    return store.read(line, VERSION).flatMap(TrainingFiles::parsed);
  }

  private static LineName line(String tenant, String id) {
    return LineName.of(KIND, tenant, id);
  }

  private static byte[] json(TrainingFile file) {
    try {
      return JSON.writeValueAsBytes(file);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<TrainingFile> parsed(byte[] contents) {
    try {
      return Optional.of(JSON.readValue(contents, TrainingFile.class));
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "A version of the store is no TrainingFile and is passed over: {0}",
          e.getMessage());
      return Optional.empty();
    }
  }

  private static TrimtabException notFound(String id) {
    return new TrimtabException(
        ErrorCode.NOT_FOUND, "There is no file %s".formatted(Quoted.of(id)));
  }
}
