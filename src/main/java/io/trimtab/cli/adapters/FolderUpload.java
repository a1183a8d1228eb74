package io.trimtab.cli.adapters;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.trimtab.adaptation.AdapterFile;
import io.trimtab.cli.terminal.ByteProgress;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.FileChunk;
import io.trimtab.v1.UploadHeader;
import io.trimtab.v1.UploadRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A PEFT folder on its way to a server, no faster than that takes it. One thread sends, and waits
 * on this object's monitor, which guards all fields; gRPC's threads wake it.
 */
final class FolderUpload<T> implements ClientResponseObserver<UploadRequest, T> {
  private static final int CHUNK_BYTES = 256 << 10;

  private @Nullable ClientCallStreamObserver<UploadRequest> call;
  private @Nullable T answer;
  private @Nullable Status end;

  private FolderUpload() {}

  /**
   * Sends the two files of a folder and returns the answer.
   *
   * @param method {@code upload} or {@code validate}
   * @throws TrimtabException INVALID_ARGUMENT for a folder without them; what the server refuses
   */
  static <T> T send(
      RemoteAdapters server,
      Function<StreamObserver<T>, StreamObserver<UploadRequest>> method,
      UploadHeader header,
      Path folder,
      ByteProgress progress)
      throws IOException, InterruptedException {
    Map<AdapterFile, Path> files = files(folder);
    FolderUpload<T> upload = new FolderUpload<>();
    StreamObserver<UploadRequest> requests = method.apply(upload);
    try {
      requests.onNext(UploadRequest.newBuilder().setHeader(header).build());
      upload.send(files, requests, progress);
      requests.onCompleted();
      return upload.answer(server);
    } catch (IOException | InterruptedException | RuntimeException e) {
      upload.cancel();
      throw e;
    }
  }

  @Override
  public synchronized void beforeStart(ClientCallStreamObserver<UploadRequest> started) {
    call = started;
    started.setOnReadyHandler(this::changed);
  }

  @Override
  public synchronized void onNext(T message) {
    answer = message;
  }

  @Override
  public synchronized void onError(Throwable failure) {
    end = Status.fromThrowable(failure);
    notifyAll();
  }

  @Override
  public synchronized void onCompleted() {
    end = Status.OK;
    notifyAll();
  }

  private synchronized void changed() {
    notifyAll();
  }

  private void send(
      Map<AdapterFile, Path> files, StreamObserver<UploadRequest> requests, ByteProgress progress)
      throws IOException, InterruptedException {
    long bytesTotal = 0;
    for (Path file : files.values()) {
      bytesTotal += Files.size(file);
    }
    long bytes = 0;
    for (Map.Entry<AdapterFile, Path> file : files.entrySet()) {
      try (InputStream stream = Files.newInputStream(file.getValue())) {
        byte[] chunk = stream.readNBytes(CHUNK_BYTES);
        // At least once, so that an empty file is an empty file and not a missing one.
        do {
          if (!awaitReady()) {
            return;
          }
          requests.onNext(chunk(file.getKey(), chunk));
          bytes += chunk.length;
          progress.written(bytes, bytesTotal);
          chunk = stream.readNBytes(CHUNK_BYTES);
        } while (chunk.length > 0);
      }
    }
  }

  /** Whether the server takes more; false once it has answered. */
  private synchronized boolean awaitReady() throws InterruptedException {
    while (end == null && (call == null || !call.isReady())) {
      wait();
    }
    return end == null;
  }

  private synchronized T answer(RemoteAdapters server) throws InterruptedException {
    Status status = end;
    while (status == null) {
      wait();
      status = end;
    }
    if (!status.isOk()) {
      throw server.refusal(status);
    }
    if (answer == null) {
      throw new TrimtabException(ErrorCode.INTERNAL, "The server ended the upload without a word");
    }
    return answer;
  }

  private synchronized void cancel() {
    if (call != null && end == null) {
      call.cancel("The upload failed here", null);
    }
  }

  private static UploadRequest chunk(AdapterFile file, byte[] bytes) {
    // Nobody writes to the array any more.
    return UploadRequest.newBuilder()
        .setFile(
            FileChunk.newBuilder()
                .setPath(file.fileName())
                .setData(UnsafeByteOperations.unsafeWrap(bytes)))
        .build();
  }

  private static Map<AdapterFile, Path> files(Path folder) {
    Map<AdapterFile, Path> files = new EnumMap<>(AdapterFile.class);
    for (AdapterFile file : AdapterFile.values()) {
      Path path = folder.resolve(file.fileName());
      if (!Files.isRegularFile(path)) {
        throw TrimtabException.invalid(
            "%s has no %s, expected a folder that PEFT wrote%s"
                .formatted(folder, file.fileName(), pickled(folder)));
      }
      files.put(file, path);
    }
    return files;
  }

  private static String pickled(Path folder) {
    return Files.exists(folder.resolve("adapter_model.bin"))
        ? " (adapter_model.bin is a pickle file, which is refused: save it again with"
            + " safe_serialization=True)"
        : "";
  }
}
