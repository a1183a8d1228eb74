package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
class HttpPathsTest {
  @TestHTTPResource("/")
  URI server;

  @ParameterizedTest
  @CsvSource({"health, UP", "health/live, UP", "health/ready, UP", "metrics, # TYPE"})
  void healthAndMetricsAreWhereUsersOfVllmLook(String path, String expected) throws Exception {
    HttpResponse<String> answer = get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains(expected);
  }

  @Test
  void healthSaysWhatThisProcessDoesForAdapting() throws Exception {
    HttpResponse<String> answer = get("health/well");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .contains("\"role\": \"all\"", "\"consumer\": ", "\"adapters_not_loaded\": 0");
    assertThat(get("health/live").body()).contains("feedback consumer");
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(server.resolve(path)).build();
      return client.send(request, BodyHandlers.ofString());
    }
  }
}
