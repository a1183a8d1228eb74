package io.trimtab.serving.adapters;

import com.google.protobuf.ByteString;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.trimtab.testing.PeftFolder;
import io.trimtab.v1.FileChunk;
import io.trimtab.v1.UploadHeader;
import io.trimtab.v1.UploadRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** An upload message by message, right or wrong, as the test wants it. */
public final class RawUpload<T> implements StreamObserver<T> {
  private final CompletableFuture<T> answer = new CompletableFuture<>();
  private final StreamObserver<UploadRequest> requests;

  private RawUpload(Function<StreamObserver<T>, StreamObserver<UploadRequest>> method) {
    this.requests = method.apply(this);
  }

  public static <T> RawUpload<T> to(
      Function<StreamObserver<T>, StreamObserver<UploadRequest>> method) {
    return new RawUpload<>(method);
  }

  public RawUpload<T> header(String adapter) {
    return header(UploadHeader.newBuilder().setAdapter(adapter));
  }

  public RawUpload<T> header(UploadHeader.Builder header) {
    requests.onNext(UploadRequest.newBuilder().setHeader(header).build());
    return this;
  }

  public RawUpload<T> chunk(String path, byte[] data) {
    requests.onNext(
        UploadRequest.newBuilder()
            .setFile(FileChunk.newBuilder().setPath(path).setData(ByteString.copyFrom(data)))
            .build());
    return this;
  }

  public RawUpload<T> config(PeftFolder folder) throws IOException {
    return chunk("adapter_config.json", Files.readAllBytes(folder.config()));
  }

  public RawUpload<T> weights(PeftFolder folder) throws IOException {
    return chunk("adapter_model.safetensors", Files.readAllBytes(folder.weights()));
  }

  public RawUpload<T> empty() {
    requests.onNext(UploadRequest.getDefaultInstance());
    return this;
  }

  public void cancel() {
    ((ClientCallStreamObserver<UploadRequest>) requests).cancel("The test wants it so", null);
  }

  /** Ends the upload and waits for the answer; a refusal is the cause of the exception. */
  public T end() throws InterruptedException, ExecutionException, TimeoutException {
    requests.onCompleted();
    return answer();
  }

  public T answer() throws InterruptedException, ExecutionException, TimeoutException {
    return answer.get(60, TimeUnit.SECONDS);
  }

  @Override
  public void onNext(T message) {
    answer.complete(message);
  }

  @Override
  public void onError(Throwable failure) {
    answer.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    answer.completeExceptionally(new AssertionError("The call ended without an answer"));
  }
}
