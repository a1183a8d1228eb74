package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.deploy.DeployedServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The server with the settings of k8s/ and the role {@code tune}, while Kafka is away. */
@QuarkusTest
@TestProfile(DeployedServerTest.Deployed.class)
class DeployedServerTest {
  @TestHTTPResource("/")
  URI server;

  /** It could not be called at all if it waited for the broker when it starts. */
  @Test
  void everyProbeIsContentWithoutTheBroker() throws Exception {
    List<String> paths = DeployedServer.probePaths("tune");
    assertThat(paths).hasSize(3);
    for (String path : paths) {
      HttpResponse<String> answer = get(path);
      assertThat(answer.statusCode()).as(path).isEqualTo(200);
      assertThat(answer.body()).contains("\"checks\": [", "\"name\":");
    }
    assertThat(get("/health/ready").body()).contains("\"state\": \"ready\"");
  }

  @Test
  void whatIsAwayIsSaidElsewhere() throws Exception {
    assertThat(get("/health/well").body()).contains("\"role\": \"tune\"", "\"consumer\": ");
    assertThat(get(DeployedServer.metricsPath("tune")).statusCode()).isEqualTo(200);
  }

  private HttpResponse<String> get(String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(server.resolve(path)).build(), BodyHandlers.ofString());
    }
  }

  /** The manifest's own file and variables; only the places of files are the test's. */
  public static final class Deployed implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return DeployedServer.settings("tune", Path.of("target/deployed-server"));
    }
  }
}
