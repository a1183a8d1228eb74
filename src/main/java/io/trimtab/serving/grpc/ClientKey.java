package io.trimtab.serving.grpc;

import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.PlainText;
import io.trimtab.error.TrimtabException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The API key of this program's own calls to a server: the metadata {@code authorization: Bearer
 * KEY}. It comes from the environment alone, since an option would show in every list of processes,
 * and no message ever quotes it.
 */
public final class ClientKey {
  static final String VARIABLE = "TRIMTAB_API_KEY";

  /** What a header carries, and no blank, which would end the key. */
  private static final Pattern VISIBLE = Pattern.compile("[\\x21-\\x7e]+");

  private ClientKey() {}

  /**
   * What puts the key on every call; empty where the environment has none.
   *
   * @throws TrimtabException INVALID_ARGUMENT for a key that no header can carry
   */
  static Optional<ClientInterceptor> interceptor(Map<String, String> environment) {
    String key = environment.getOrDefault(VARIABLE, "").strip();
    if (key.isEmpty()) {
      return Optional.empty();
    }
    if (!VISIBLE.matcher(key).matches()) {
      // gRPC would leave the header out, and the call would be nobody's.
      throw TrimtabException.invalid(
          "%s has a character that no header can carry: expected visible ASCII without blanks"
              .formatted(VARIABLE));
    }
    Metadata headers = new Metadata();
    headers.put(TenantInterceptor.AUTHORIZATION, "Bearer " + key);
    return Optional.of(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** What a server says that does not know the caller. */
  public static TrimtabException refused(String server, Status status) {
    String words = status.getDescription();
    return new TrimtabException(
        ErrorCode.UNAUTHENTICATED,
        "%s refuses the call: %s (the API key is read from %s)"
            .formatted(
                server, words == null ? "it wants an API key" : PlainText.of(words), VARIABLE));
  }
}
