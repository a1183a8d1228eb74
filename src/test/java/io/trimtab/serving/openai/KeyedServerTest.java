package io.trimtab.serving.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.FakeEngineProfile;
import io.trimtab.testing.FakeEngine;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A server that asks for keys, and OpenAI's own client. */
@QuarkusTest
@TestProfile(KeyedServerTest.Keyed.class)
final class KeyedServerTest {
  private static final String KEY = "a-key-of-acme-0123456789";

  @TestHTTPResource("/")
  URI server;

  @Inject FakeEngine engine;

  /** The server with scripts for an engine, and one key. */
  public static final class Keyed implements QuarkusTestProfile {
    private final FakeEngineProfile fake = new FakeEngineProfile();

    @Override
    public Map<String, String> getConfigOverrides() {
      try {
        Path keys = Files.createTempFile(Path.of("target"), "keys", ".txt").toAbsolutePath();
        Files.writeString(keys, "acme=" + KEY + "\n");
        Map<String, String> settings = new HashMap<>(fake.getConfigOverrides());
        settings.put("trimtab.security.api-keys", keys.toString());
        return settings;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public Set<Class<?>> getEnabledAlternatives() {
      return fake.getEnabledAlternatives();
    }
  }

  @Test
  void keySaysWhoseTheCallIs() throws Exception {
    engine.script(FakeEngine.answering("Blue")::generate);
    OpenAIClient client = client(KEY);
    assertThat(client.chat().completions().create(question()).choices()).hasSize(1);
    assertThat(engine.next().request().tenant()).isEqualTo("acme");
  }

  @Test
  void callWithoutAKeyOfThisServerIsUnauthorized() throws Exception {
    OpenAIClient client = client("another-key-0123456789");
    UnauthorizedException refusal =
        catchThrowableOfType(
            UnauthorizedException.class, () -> client.chat().completions().create(question()));
    assertThat(refusal.code()).contains("invalid_api_key");
    assertThat(catchThrowableOfType(UnauthorizedException.class, () -> client.models().list()))
        .isNotNull();
    RawHttp http = new RawHttp(server);
    assertThat(http.post("tokenize", "{\"prompt\": \"a\"}").statusCode()).isEqualTo(401);
    assertThat(http.post("v1/load_lora_adapter", "{}").statusCode()).isEqualTo(401);
    // Told to anyone.
    assertThat(http.send(http.to("version")).statusCode()).isEqualTo(200);
    assertThat(http.send(http.to("health")).statusCode()).isEqualTo(200);
  }

  @Test
  void fullQueueIsTheClientsRateLimit() {
    engine.script(
        (request, listener) -> {
          throw new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, "The queue is full");
        });
    OpenAIClient client = client(KEY);
    RateLimitException refusal =
        catchThrowableOfType(
            RateLimitException.class, () -> client.chat().completions().create(question()));
    assertThat(refusal.code()).contains("rate_limit_exceeded");
    assertThat(refusal.headers().values("retry-after")).containsExactly("1");
  }

  private OpenAIClient client(String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(server.resolve("v1").toString())
        .apiKey(key)
        .maxRetries(0)
        .build();
  }

  private static ChatCompletionCreateParams question() {
    return ChatCompletionCreateParams.builder().model("base").addUserMessage("Color?").build();
  }
}
