package io.trimtab.serving.grpc;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.util.Map;

/**
 * Connections of clients in this program to a server, without TLS. Their calls carry the API key of
 * {@code TRIMTAB_API_KEY}, where it is set.
 */
public final class ServerChannel {
  /** Environment variable with the API key that calls bring; none where it is not set. */
  public static final String KEY_VARIABLE = ClientKey.VARIABLE;

  private static final int DEFAULT_PORT = 9000;
  // A whole answer with the most log-probabilities is a few MB.
  private static final int ANSWER_BYTES_MAX = 64 << 20;

  private ServerChannel() {}

  /**
   * A channel that connects with its first call.
   *
   * @param server {@code host:port}, or a host alone for port 9000
   * @throws TrimtabException INVALID_ARGUMENT for anything else, and for a key that is none
   */
  public static ManagedChannel open(String server) {
    return open(server, System.getenv());
  }

  static ManagedChannel open(String server, Map<String, String> environment) {
    int colon = server.lastIndexOf(':');
    // An IPv6 address stands in brackets.
    boolean hasPort = colon > server.lastIndexOf(']');
    String host = hasPort ? server.substring(0, colon) : server;
    int port = hasPort ? port(server, server.substring(colon + 1)) : DEFAULT_PORT;
    if (host.isEmpty()) {
      throw malformed(server);
    }
    ManagedChannelBuilder<?> channel =
        ManagedChannelBuilder.forAddress(host, port)
            .usePlaintext()
            .maxInboundMessageSize(ANSWER_BYTES_MAX);
    ClientKey.interceptor(environment).ifPresent(channel::intercept);
    return channel.build();
  }

  private static int port(String server, String digits) {
    try {
      int port = Integer.parseInt(digits);
      if (port >= 1 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException _) {
      // Answered below, like a number out of range.
    }
    throw malformed(server);
  }

  private static TrimtabException malformed(String server) {
    return TrimtabException.invalid(
        "The server is %s, expected HOST:PORT with a port of 1 to 65535"
            .formatted(Quoted.of(server)));
  }
}
