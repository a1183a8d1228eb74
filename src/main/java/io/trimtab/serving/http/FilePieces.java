package io.trimtab.serving.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.FileSystem;
import io.vertx.core.file.OpenOptions;
import java.nio.file.Path;
import org.jboss.logging.Logger;

/** Keeps a body in a file of the folder for temporary ones, readable by its owner alone. */
final class FilePieces implements BodyPieces<Path> {
  /** Of what the disk has not taken yet; one more piece may come. */
  static final int BUFFER_BYTES = 1 << 20;

  private static final Logger LOG = Logger.getLogger(FilePieces.class);

  private final FileSystem files;
  private final AsyncFile file;
  private final String path;
  private final Promise<Path> written = Promise.promise();
  private Promise<Void> drained = Promise.promise();
  private boolean closed;

  private FilePieces(FileSystem files, AsyncFile file, String path) {
    this.files = files;
    this.file = file;
    this.path = path;
    file.setWriteQueueMaxSize(BUFFER_BYTES);
    file.exceptionHandler(this::fail);
  }

  /** A new file; to be deleted by the caller. */
  static Future<FilePieces> open(FileSystem files) {
    return files
        .createTempFile("trimtab-body", ".part", "rw-------")
        .compose(
            path ->
                files
                    .open(path, new OpenOptions().setWrite(true))
                    .map(file -> new FilePieces(files, file, path)));
  }

  @Override
  public void add(Buffer piece) {
    var _ = file.write(piece).onFailure(this::fail);
  }

  @Override
  public boolean isFull() {
    return file.writeQueueFull();
  }

  @Override
  public Future<Void> drained() {
    Promise<Void> waiting = drained;
    file.drainHandler(
        _ -> {
          drained = Promise.promise();
          waiting.tryComplete();
        });
    return waiting.future();
  }

  @Override
  public Future<Path> whole() {
    closed = true;
    // Closing waits for what is still to be written.
    var _ = file.close().onSuccess(_ -> written.tryComplete(path())).onFailure(this::fail);
    return written.future();
  }

  @Override
  public void discard() {
    if (!closed) {
      closed = true;
      var _ = file.close();
    }
  }

  Path path() {
    return Path.of(path);
  }

  Future<Void> delete() {
    return files.delete(path).onFailure(e -> LOG.warnf(e, "A body's file stays: %s", path));
  }

  private void fail(Throwable reason) {
    written.tryFail(reason);
    drained.tryFail(reason);
  }
}
