package io.trimtab.cli.remote;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import io.trimtab.adapter.AdapterId;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.PlainText;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.util.Iterator;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The services of one server, for one tenant. What the server refuses is thrown in its own words.
 */
public final class RemoteServer implements AutoCloseable {
  private static final Metadata.Key<String> TENANT =
      Metadata.Key.of("x-tenant", Metadata.ASCII_STRING_MARSHALLER);

  private static final Pattern PRINTABLE = Pattern.compile("[\\x20-\\x7e]*");

  private final RemoteOptions options;
  private final ManagedChannel channel;

  private RemoteServer(RemoteOptions options, ManagedChannel channel) {
    this.options = options;
    this.channel = channel;
  }

  /**
   * Connects with the first call.
   *
   * @throws TrimtabException INVALID_ARGUMENT for a tenant that no header can carry
   */
  public static RemoteServer of(RemoteOptions options, Function<String, ManagedChannel> channels) {
    // gRPC leaves out a header that it can't carry, and the call would be the default tenant's.
    if (options.tenant != null && !PRINTABLE.matcher(options.tenant).matches()) {
      throw TrimtabException.invalid(
          "--tenant is %s, expected %s".formatted(Quoted.of(options.tenant), AdapterId.SYNTAX));
    }
    return new RemoteServer(options, channels.apply(options.server));
  }

  /**
   * A service's stub.
   *
   * @param stub makes it, such as {@code TuningGrpc::newBlockingStub}
   */
  public <S extends AbstractStub<S>> S stub(Function<Channel, S> stub) {
    return asTenant(stub.apply(channel));
  }

  /** Makes a call that waits for its answer. */
  public <T> T call(Supplier<T> call) {
    try {
      return call.get();
    } catch (StatusRuntimeException e) {
      throw refusal(e.getStatus());
    }
  }

  /** What takes the messages of a stream. */
  public interface Receiver<T> {
    void take(T message) throws IOException;
  }

  /** Makes a call and reads what it streams to the end. */
  public <T> void forEach(Supplier<Iterator<T>> call, Receiver<T> receiver) throws IOException {
    Iterator<T> messages = call(call);
    // Waiting for the next one is where a stream fails.
    while (call(messages::hasNext)) {
      receiver.take(messages.next());
    }
  }

  public TrimtabException refusal(Status status) {
    // A cause means that the transport failed; a server's own refusal arrives without one.
    if (status.getCode() == Status.Code.UNAVAILABLE && status.getCause() != null) {
      return new TrimtabException(
          ErrorCode.UNAVAILABLE,
          "No server answers at %s: start one with 'trimtab up' or name another with --server"
              .formatted(options.server),
          status.getCause());
    }
    String words = status.getDescription();
    if (status.getCode() == Status.Code.UNAUTHENTICATED) {
      return new TrimtabException(
          ErrorCode.UNAUTHENTICATED,
          "%s refuses the call: %s (the API key is read from TRIMTAB_API_KEY)"
              .formatted(
                  options.server, words == null ? "it wants an API key" : PlainText.of(words)));
    }
    return new TrimtabException(
        code(status.getCode()),
        words == null ? "The server answered " + status.getCode() : PlainText.of(words));
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private <S extends AbstractStub<S>> S asTenant(S stub) {
    Metadata headers = new Metadata();
    // Left out, the default is meant, or whose the API key is.
    if (options.tenant != null) {
      headers.put(TENANT, options.tenant);
    }
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static ErrorCode code(Status.Code code) {
    for (ErrorCode known : ErrorCode.values()) {
      if (known.name().equals(code.name())) {
        return known;
      }
    }
    return ErrorCode.INTERNAL;
  }
}
