package io.trimtab.serving.finetuning;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What no client of OpenAI's would send. */
@QuarkusTest
@TestProfile(FakeTuningProfile.class)
final class RawRequestsTest {
  private static final String PART =
      "--x\r\ncontent-disposition: form-data; name=\"%s\"%s\r\n\r\n%s\r\n";

  @TestHTTPResource("/v1/")
  URI server;

  @Test
  void anUploadWithoutAFileOrAPurposeIsRefused() throws Exception {
    String purpose = PART.formatted("purpose", "", "fine-tune");
    String file = PART.formatted("file", "; filename=\"a\"", TrainingLines.of(1));
    refused(400, "file", upload(purpose));
    refused(400, "purpose", upload(file));
    refused(
        400,
        "expires_after",
        upload(purpose + file + PART.formatted("expires_after[anchor]", "", "x")));
    assertThat(upload(purpose + file).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "POST | fine_tuning/jobs | ~~ | 400",
        "POST | fine_tuning/jobs | { | 400",
        "POST | fine_tuning/jobs | [] | 400",
        "POST | fine_tuning/jobs | {\"training_file\":\"../x\",\"model\":\"base\"} | 404",
        "GET | fine_tuning/jobs/x | ~~ | 404",
        "GET | fine_tuning/jobs/ftjob-00000000000000000000000000000000/events | ~~ | 404",
        "POST | fine_tuning/jobs/ftjob-0/cancel | ~~ | 404",
        "GET | fine_tuning/jobs?limit=0 | ~~ | 400",
        "GET | fine_tuning/jobs?after=x | ~~ | 400",
        "GET | files?limit=10001 | ~~ | 400",
        "GET | files?order=up | ~~ | 400",
        "GET | files/..%2f..%2fetc%2fpasswd | ~~ | 404",
        "DELETE | files/file-0 | ~~ | 404",
        "POST | files | {} | 415",
        "PUT | files | {} | 405",
      })
  void everyRefusalHasOpenAisShape(String method, String path, String body, int status)
      throws Exception {
    HttpResponse<String> answer =
        send(
            HttpRequest.newBuilder(URI.create(server + path))
                .header("content-type", "application/json")
                .method(method, BodyPublishers.ofString(body)));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    JsonNode error = new JsonMapper().readTree(answer.body()).path("error");
    assertThat(error.path("message").asText()).as(answer.body()).isNotEmpty();
    assertThat(error.has("param")).isTrue();
  }

  private static void refused(int status, String param, HttpResponse<String> answer)
      throws IOException {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(new JsonMapper().readTree(answer.body()).at("/error/param").asText())
        .isEqualTo(param);
  }

  private HttpResponse<String> upload(String parts) throws Exception {
    return send(
        HttpRequest.newBuilder(server.resolve("files"))
            .header("content-type", "multipart/form-data; boundary=x")
            .POST(BodyPublishers.ofString(parts + "--x--\r\n")));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.header("x-tenant", "raw").build(), BodyHandlers.ofString());
    }
  }
}
