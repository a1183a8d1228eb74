package io.trimtab.serving.adapters;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.stub.StreamObserver;
import io.trimtab.adaptation.AdapterFile;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.grpc.ClientPace;
import io.trimtab.v1.FileChunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Sends files to a client in chunks, no faster than it takes them. */
public record FileSender(StreamObserver<FileChunk> client, ClientPace pace) {
  private static final int CHUNK_BYTES = 256 << 10;

  /**
   * Sends a file from its beginning.
   *
   * @throws TrimtabException as {@link ClientPace#awaitReady}
   */
  public void send(AdapterFile file, FileChannel channel) throws IOException {
    long bytesTotal = channel.size();
    for (long position = 0; position < bytesTotal; ) {
      pace.awaitReady();
      byte[] bytes = new byte[(int) Math.min(CHUNK_BYTES, bytesTotal - position)];
      ByteBuffer chunk = ByteBuffer.wrap(bytes);
      while (chunk.hasRemaining()) {
        if (channel.read(chunk) < 0) {
          throw new IllegalStateException(file.fileName() + " became shorter while it was sent");
        }
      }
      position += bytes.length;
      // Nobody writes to the array any more.
      client.onNext(AdapterWriter.chunk(file, UnsafeByteOperations.unsafeWrap(bytes)));
    }
  }
}
