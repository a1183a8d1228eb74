package io.trimtab.app;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.trimtab.testing.PeftFolder;
import io.trimtab.v1.Adapter;
import io.trimtab.v1.AdaptersGrpc;
import io.trimtab.v1.FileChunk;
import io.trimtab.v1.ListAdaptersRequest;
import io.trimtab.v1.Revision;
import io.trimtab.v1.RevisionRef;
import io.trimtab.v1.UploadHeader;
import io.trimtab.v1.UploadRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A client of {@code trimtab.v1.Adapters}, as an application would write it. */
final class WireAdapters {
  private final ManagedChannel channel;

  WireAdapters(ManagedChannel channel) {
    this.channel = channel;
  }

  /** Uploads a folder and has it served. */
  Revision upload(String name, PeftFolder folder) throws Exception {
    CompletableFuture<Revision> result = new CompletableFuture<>();
    StreamObserver<UploadRequest> requests =
        AdaptersGrpc.newStub(channel)
            .upload(
                new StreamObserver<>() {
                  @Override
                  public void onNext(Revision revision) {
                    result.complete(revision);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    result.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    requests.onNext(
        UploadRequest.newBuilder()
            .setHeader(UploadHeader.newBuilder().setAdapter(name).setActivate(true))
            .build());
    for (Path file : List.of(folder.config(), folder.weights())) {
      requests.onNext(chunk(file));
    }
    requests.onCompleted();
    return result.get(60, TimeUnit.SECONDS);
  }

  private static UploadRequest chunk(Path file) throws IOException {
    return UploadRequest.newBuilder()
        .setFile(
            FileChunk.newBuilder()
                .setPath(file.getFileName().toString())
                .setData(ByteString.copyFrom(Files.readAllBytes(file))))
        .build();
  }

  /** The files of a revision by name, their bytes as characters. */
  Map<String, String> download(String name, int revision) {
    Map<String, ByteString> files = new HashMap<>();
    String[] current = {""};
    AdaptersGrpc.newBlockingStub(channel)
        .download(RevisionRef.newBuilder().setAdapter(name).setRevision(revision).build())
        .forEachRemaining(
            chunk -> {
              current[0] = chunk.getPath().isEmpty() ? current[0] : chunk.getPath();
              files.merge(current[0], chunk.getData(), ByteString::concat);
            });
    Map<String, String> texts = new HashMap<>();
    files.forEach((path, bytes) -> texts.put(path, bytes.toString(StandardCharsets.ISO_8859_1)));
    return texts;
  }

  void delete(String name) {
    var _ =
        AdaptersGrpc.newBlockingStub(channel)
            .delete(RevisionRef.newBuilder().setAdapter(name).build());
  }

  List<Adapter> list() {
    return AdaptersGrpc.newBlockingStub(channel)
        .list(ListAdaptersRequest.getDefaultInstance())
        .getAdaptersList();
  }
}
