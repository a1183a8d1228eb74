package io.trimtab.serving.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Methods of all four kinds on plain bytes. */
final class ByteService {
  static final MethodDescriptor<byte[], byte[]> UNARY = method("Unary", MethodType.UNARY);
  static final MethodDescriptor<byte[], byte[]> HANGING = method("Hanging", MethodType.UNARY);
  static final MethodDescriptor<byte[], byte[]> LIST = method("List", MethodType.SERVER_STREAMING);
  static final MethodDescriptor<byte[], byte[]> UPLOAD =
      method("Upload", MethodType.CLIENT_STREAMING);
  static final MethodDescriptor<byte[], byte[]> CHAT = method("Chat", MethodType.BIDI_STREAMING);

  /** Of the first answer in a chat; more than HTTP/2's first window. */
  static final int ANSWER_BYTES = 256 << 10;

  /** What {@link #HANGING} has been asked, for the test to answer. */
  final BlockingQueue<StreamObserver<byte[]>> hanging = new LinkedBlockingQueue<>();

  /** How uploads and chats have ended for the service. */
  final BlockingQueue<String> ends = new LinkedBlockingQueue<>();

  /** Lengths of the messages of chats that have been answered. */
  final BlockingQueue<Integer> answered = new LinkedBlockingQueue<>();

  /** What threw where a service should be heard or passed over. */
  final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();

  ServerServiceDefinition definition() {
    return ServerServiceDefinition.builder("test.Bytes")
        .addMethod(
            UNARY,
            ServerCalls.asyncUnaryCall(
                (request, client) -> {
                  client.onNext(request);
                  client.onCompleted();
                }))
        .addMethod(HANGING, ServerCalls.asyncUnaryCall((_, client) -> hanging.add(client)))
        .addMethod(
            LIST,
            ServerCalls.asyncServerStreamingCall(
                (request, client) -> {
                  client.onNext(request);
                  client.onNext(request);
                  client.onCompleted();
                }))
        .addMethod(UPLOAD, ServerCalls.asyncClientStreamingCall(Upload::new))
        .addMethod(CHAT, ServerCalls.asyncBidiStreamingCall(Chat::new))
        .build();
  }

  private final class Upload implements StreamObserver<byte[]> {
    private final StreamObserver<byte[]> client;
    private int bytes;

    private Upload(StreamObserver<byte[]> client) {
      this.client = client;
    }

    @Override
    public void onNext(byte[] message) {
      bytes += message.length;
    }

    @Override
    public void onError(Throwable failure) {
      try {
        // Services answer whether or not anyone hears it.
        client.onError(failure);
      } catch (RuntimeException e) {
        failures.add(e);
      }
      ends.add(
          failure.getMessage() + " " + ((ServerCallStreamObserver<byte[]>) client).isCancelled());
    }

    @Override
    public void onCompleted() {
      client.onNext(new byte[] {(byte) (bytes >> 20)});
      client.onCompleted();
      ends.add("completed");
    }
  }

  private final class Chat implements StreamObserver<byte[]> {
    private final StreamObserver<byte[]> client;

    private Chat(StreamObserver<byte[]> client) {
      this.client = client;
    }

    @Override
    public void onNext(byte[] message) {
      client.onNext(message.length == 0 ? new byte[ANSWER_BYTES] : message);
      answered.add(message.length);
    }

    @Override
    public void onError(Throwable failure) {
      ends.add(failure.getMessage());
    }

    @Override
    public void onCompleted() {
      client.onCompleted();
      ends.add("completed");
    }
  }

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder(new Bytes(), new Bytes())
        .setFullMethodName("test.Bytes/" + name)
        .setType(type)
        .build();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
