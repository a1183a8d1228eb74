package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.trimtab.docs.RunnableDocuments;
import io.trimtab.docs.RunnableDocuments.Fetch;
import io.trimtab.model.BundledModel;
import io.trimtab.model.Checkpoint;
import io.trimtab.testing.PeftFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the documents have people type is typed, in their order, against the running server. */
@QuarkusTest
class DocumentedServerTest {
  private static final Set<String> TARGETS = Set.of("q_proj", "o_proj");

  /** Told once base has read answers of a tuned revision; WatchedServingTest sees to these. */
  private static final Set<String> OF_WATCHED_REVISIONS =
      Set.of(
          "trimtab_drift_level",
          "trimtab_drift_evidence_ratio",
          "trimtab_drift_excess",
          "trimtab_drift_answers_read");

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** What an earlier run did to the same data is another tenant's as well. */
  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);

  private static final Fetch METRICS = new Fetch("/metrics", "");

  @ConfigProperty(name = "quarkus.grpc.server.test-port")
  int port;

  @TestHTTPResource("/")
  URI http;

  @TempDir Path folder;

  /** What stands in the documents for something of the reader's own. */
  private Map<String, String> places;

  private String tenant = "reader";

  /** Of the adapter that the documents correct. */
  private int examples;

  @BeforeEach
  void lay() throws IOException {
    Path model = BundledModel.unpack(BundledModel.DEFAULT, folder.resolve("data"));
    Path picture = Files.copy(model.resolve("samples/00.png"), folder.resolve("bird.png"));
    Path corrections = folder.resolve("corrections.jsonl");
    Files.writeString(corrections, RunnableDocuments.correctionsLine() + "\n");
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      PeftFolder.random(checkpoint.config(), folder.resolve("peft"), 7, 8, TARGETS, 0.2f);
    }
    places =
        Map.of(
            "bird.png", picture.toString(),
            "corrections.jsonl", corrections.toString(),
            "DIR", folder.resolve("peft").toString(),
            "OUT", folder.resolve("out").toString());
  }

  @Test
  void theCommandsOfEveryDocumentWorkInTheirOrder() throws Exception {
    for (String document : RunnableDocuments.NAMES) {
      // What other tests do to the same server is another tenant's, and so is another document's.
      tenant = "%s-%s".formatted(document.replace(".md", ""), RUN);
      List<List<String>> commands = RunnableDocuments.remote(document);
      assertThat(commands).as(document).isNotEmpty();
      if (document.equals("operating.md")) {
        // An operator has revisions to act upon.
        for (int revision = 1; revision <= 3; revision++) {
          done(document, List.of("adapters", "upload", "birds", "DIR"));
        }
        done(document, List.of("adapters", "activate", "birds@1"));
      }
      examples = examples();
      for (List<String> command : commands) {
        delete(folder.resolve("out"));
        done(document, command);
      }
    }
  }

  private void done(String document, List<String> command) {
    StringWriter said = new StringWriter();
    int code = run(command, said);
    assertThat(code).as("%s: %s\n%s", document, command, said).isZero();
    if (command.subList(0, 2).equals(List.of("feedback", "send"))) {
      awaitOneExampleMore();
    }
  }

  /** What was acknowledged is read from the topic a moment later. */
  private void awaitOneExampleMore() {
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    int now = examples();
    while (now <= examples) {
      assertThat(System.nanoTime()).as("%d examples were kept", now).isLessThan(giveUp);
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      now = examples();
    }
    examples = now;
  }

  private int examples() {
    StringWriter said = new StringWriter();
    int code = run(List.of("feedback", "list", "birds", "--json"), said);
    // Nobody knows the adapter before its first example.
    return code == 0 ? (int) said.toString().lines().count() : 0;
  }

  @Test
  void whatIsFetchedIsThere() throws Exception {
    List<Fetch> fetched = RunnableDocuments.fetched();
    assertThat(fetched)
        .extracting(Fetch::path)
        .contains("/health/ready", "/health/well", "/metrics", "/v1/chat/completions");
    for (Fetch fetch : fetched) {
      assertThat(answer(fetch).statusCode()).as(fetch.toString()).isEqualTo(200);
    }
  }

  @Test
  void everyMetricIsOneThatTheServerTells() throws Exception {
    assertThat(run(List.of("ask", "--server", "localhost:9000", "Hello"), new StringWriter()))
        .isZero();
    // How far behind the reader of feedback is, is not known before it has read.
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    String told = answer(METRICS).body();
    while (!told.contains("trimtab_feedback_lag_records") && System.nanoTime() < giveUp) {
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      told = answer(METRICS).body();
    }
    String last = told;
    List<String> metrics = RunnableDocuments.metrics();
    assertThat(metrics).hasSizeGreaterThan(15).containsAll(OF_WATCHED_REVISIONS);
    assertThat(metrics)
        .filteredOn(metric -> !OF_WATCHED_REVISIONS.contains(metric))
        .allSatisfy(metric -> assertThat(last).contains("# TYPE " + base(metric, last) + " "));
  }

  /** Prometheus names a counter's family without its ending in one of its formats. */
  private static String base(String metric, String told) {
    String family = metric.replaceFirst("_total$", "");
    return told.contains("# TYPE " + metric + " ") ? metric : family;
  }

  private int run(List<String> command, StringWriter said) {
    List<String> words = new ArrayList<>();
    for (String word : command) {
      words.add(places.getOrDefault(word, word).replace("localhost:9000", "localhost:" + port));
    }
    if (!words.contains("--server")) {
      words.addAll(List.of("--server", "localhost:" + port));
    }
    words.addAll(List.of("--tenant", tenant));
    CommandLine line = Main.commandLine();
    PrintWriter out = new PrintWriter(said);
    return line.setOut(out).setErr(out).execute(words.toArray(String[]::new));
  }

  private HttpResponse<String> answer(Fetch fetch) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(http.resolve(fetch.path()));
    if (!fetch.body().isEmpty()) {
      request
          .header("content-type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString(fetch.body()));
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), BodyHandlers.ofString());
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      try (var files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
