package io.trimtab.serving.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.models.Model;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.testing.NodeScript;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A server that asks for keys, and OpenAI's own client. */
@QuarkusTest
@TestProfile(KeyedServerTest.Keyed.class)
final class KeyedServerTest {
  private static final String KEY = "a-key-of-acme-0123456789";

  @TestHTTPResource("/")
  URI server;

  @Inject AdapterRegistry registry;

  /** The server with one key. */
  public static final class Keyed implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      try {
        Path keys = Files.createTempFile(Path.of("target"), "keys", ".txt").toAbsolutePath();
        Files.writeString(keys, "acme=" + KEY + "\n");
        return Map.of(
            "trimtab.data", "target/keyed-data", "trimtab.security.api-keys", keys.toString());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void keySaysWhoseTheCallIs() {
    registry.create(new AdapterId("acme", "mine"));
    registry.create(new AdapterId("default", "theirs"));
    OpenAIClient client = client(KEY);
    assertThat(client.models().list().data())
        .extracting(Model::id)
        .contains("mine", "dinghy-llava")
        .doesNotContain("theirs");
    assertThat(client.chat().completions().create(question()).choices()).hasSize(1);
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
  void nodesClientHasAClassForIt() throws Exception {
    assertThat(NodeScript.run("refusal.mjs", server.resolve("v1").toString(), "another-key-012"))
        .isEqualTo("AuthenticationError 401 invalid_api_key");
    assertThat(NodeScript.run("refusal.mjs", server.resolve("v1").toString(), KEY))
        .isEqualTo("answered");
  }

  private OpenAIClient client(String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(server.resolve("v1").toString())
        .apiKey(key)
        .maxRetries(0)
        .build();
  }

  private static ChatCompletionCreateParams question() {
    return ChatCompletionCreateParams.builder()
        .model("base")
        .maxTokens(4)
        .addUserMessage("Color?")
        .build();
  }
}
