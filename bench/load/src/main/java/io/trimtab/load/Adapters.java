package io.trimtab.load;

import com.google.protobuf.ByteString;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import io.trimtab.v1.FileChunk;
import io.trimtab.v1.Revision;
import io.trimtab.v1.RevisionRef;
import io.trimtab.v1.UploadHeader;
import io.trimtab.v1.UploadRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The run's own adapters on the server: uploaded and activated, deleted when this is closed. */
final class Adapters implements AutoCloseable {
  private static final int PIECE_BYTES = 1 << 20;

  private final GrpcCalls grpc;
  private final List<Named> uploaded = new ArrayList<>();

  /** An adapter's first revision. */
  record Named(String tenant, String adapter) {
    String revision() {
      return adapter + "@1";
    }
  }

  Adapters(GrpcCalls grpc) {
    this.grpc = grpc;
  }

  Named upload(String tenant, String adapter, RandomDelta delta)
      throws IOException, InterruptedException {
    BlockingClientCall<UploadRequest, Revision> call = grpc.uploads(tenant).upload();
    try {
      call.write(
          UploadRequest.newBuilder()
              .setHeader(
                  UploadHeader.newBuilder()
                      .setAdapter(adapter)
                      .setActivate(true)
                      .setNote("for a load"))
              .build());
      send(call, "adapter_config.json", delta.config());
      send(call, "adapter_model.safetensors", delta.weights());
      call.halfClose();
      Revision revision = call.read();
      if (revision == null || revision.getRevision() != 1) {
        throw new IOException(
            "The upload of %s gave %s, expected revision 1".formatted(adapter, revision));
      }
    } catch (StatusException e) {
      throw new IOException("The upload of %s failed: %s".formatted(adapter, e.getMessage()), e);
    }
    Named named = new Named(tenant, adapter);
    uploaded.add(named);
    return named;
  }

  private static void send(
      BlockingClientCall<UploadRequest, Revision> call, String path, byte[] contents)
      throws InterruptedException, StatusException {
    String name = path;
    for (int from = 0; from < contents.length; from += PIECE_BYTES) {
      int length = Math.min(PIECE_BYTES, contents.length - from);
      call.write(
          UploadRequest.newBuilder()
              .setFile(
                  FileChunk.newBuilder()
                      .setPath(name)
                      .setData(ByteString.copyFrom(contents, from, length)))
              .build());
      // Goes on with the file before.
      name = "";
    }
  }

  @Override
  public void close() {
    for (Named each : uploaded) {
      try {
        grpc.adapters(each.tenant())
            .delete(RevisionRef.newBuilder().setAdapter(each.adapter()).build());
      } catch (StatusRuntimeException e) {
        System.err.println("load: %s stays: %s".formatted(each, e.getMessage()));
      }
    }
  }
}
