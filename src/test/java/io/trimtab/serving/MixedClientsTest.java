package io.trimtab.serving;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The load of {@code bench/load}, a process of its own, for a few seconds. */
@QuarkusTest
class MixedClientsTest {
  private static final int UNBUILT = 3;
  private static final long PATIENCE_MINUTES = 5;

  @TestHTTPResource("/")
  URI server;

  @ConfigProperty(name = "quarkus.grpc.server.test-port")
  int grpcPort;

  @TempDir Path folder;

  @Test
  void everyAnswerIsTheIsolatedOne() throws Exception {
    Path figures = folder.resolve("load.json");
    Ended ended =
        load(
            "--http=" + server.toString().replaceAll("/$", ""),
            "--grpc=localhost:" + grpcPort,
            "--clients=6",
            "--warmup=1",
            "--seconds=4",
            "--tokens=8",
            "--json=" + figures);
    assumeFalse(
        ended.code() == UNBUILT && lacksLibraries(ended.output()),
        "JMeter can't be fetched here, so there is no load");
    assertThat(ended.code()).as(ended.output()).isZero();
    assertThat(ended.output()).contains("Every answer was right.");

    JsonNode read = new ObjectMapper().readTree(figures.toFile());
    assertThat(read.fieldNames())
        .toIterable()
        .contains("chat", "chat_stream", "generate", "infer", "feedback", "bad_http", "bad_grpc");
    assertThat(read.at("/chat_stream/right").asInt()).as("%s", read).isPositive();
    assertThat(read.at("/chat_stream/first_token_ms/p50").asInt()).isNotNegative();
    assertThat(read.at("/generate/right").asInt()).as("%s", read).isPositive();
  }

  @Test
  void withoutAServerItSaysSo() throws Exception {
    Ended ended = load("--grpc=localhost:1", "--seconds=1");
    assumeFalse(ended.code() == UNBUILT && lacksLibraries(ended.output()));
    assertThat(ended.code()).as(ended.output()).isEqualTo(2);
    assertThat(ended.output()).contains("UNAVAILABLE");
  }

  /** What Maven says where a repository can't be reached, or it isn't there itself. */
  private static boolean lacksLibraries(String output) {
    return List.of("Could not transfer", "Could not resolve", "Could not find", "not found")
        .stream()
        .anyMatch(output::contains);
  }

  private record Ended(int code, String output) {}

  private Ended load(String... arguments) throws IOException, InterruptedException {
    Path output = folder.resolve("output.txt");
    List<String> command = new ArrayList<>(List.of("bench/load/run"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("TRIMTAB_JAVA_HOME", System.getProperty("java.home"));
    // Those of the tests' own JVM are not for it.
    builder.environment().remove("MAVEN_OPTS");
    Process process = builder.start();
    if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    process.waitFor();
    return new Ended(process.exitValue(), Files.readString(output, UTF_8));
  }
}
