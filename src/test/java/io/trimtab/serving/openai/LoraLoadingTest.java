package io.trimtab.serving.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.NewRevision;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionState;
import io.trimtab.model.Checkpoint;
import io.trimtab.serving.FakeEngineProfile;
import io.trimtab.testing.FakeEngine;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.Shared;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** vLLM's way to load adapters by path, in a server whose folder for them is {@code target}. */
@QuarkusTest
@TestProfile(FakeEngineProfile.class)
final class LoraLoadingTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final AtomicInteger NAMES = new AtomicInteger();

  /** A name of each test's own: a deleted one would go on counting. */
  private final String name = "gulls-" + NAMES.incrementAndGet();

  private final AdapterId id = new AdapterId("default", name);

  @TestHTTPResource("/")
  URI server;

  @Inject FakeEngine engine;
  @Inject AdapterRegistry registry;

  @TempDir Path outside;

  private Path folder;
  private RawHttp http;

  @BeforeEach
  void lay() throws Exception {
    http = new RawHttp(server);
    engine.script(FakeEngine.answering("Blue")::generate);
    folder = Files.createTempDirectory(Path.of("target"), "loras");
    write(folder, 7);
  }

  @AfterEach
  void clear() {
    if (registry.list("default").stream().anyMatch(each -> each.id().equals(id))) {
      registry.delete(id, 0, "");
    }
  }

  private static void write(Path to, int seed) throws Exception {
    try (Checkpoint base = Checkpoint.open(Shared.path("models/dinghy-llava"))) {
      PeftFolder.random(base.config(), to, seed, 4, Set.of("q_proj"), 0.1f);
    }
  }

  @Test
  void loadedAdapterIsUsedByNameUntilItIsUnloaded() throws Exception {
    assertThat(chat().statusCode()).isEqualTo(404);

    HttpResponse<String> loaded = load("");
    assertThat(loaded.statusCode()).as(loaded.body()).isEqualTo(200);
    assertThat(loaded.body())
        .isEqualTo("Success: LoRA adapter '%s' added successfully.".formatted(name));
    assertThat(loaded.headers().firstValue("content-type").orElse("")).startsWith("text/plain");
    assertThat(chat().statusCode()).isEqualTo(200);
    JsonNode card = JSON.readTree(http.send(http.to("v1/models/" + name)).body());
    assertThat(card.path("root").asText()).isEqualTo(name + "@1");
    assertThat(card.path("parent").asText()).isEqualTo("fake");
    assertThat(names()).contains("fake", "base", name);

    HttpResponse<String> unloaded = unload("");
    assertThat(unloaded.statusCode()).isEqualTo(200);
    assertThat(unloaded.body())
        .isEqualTo("Success: LoRA adapter '%s' removed successfully.".formatted(name));
    assertThat(chat().statusCode()).isEqualTo(404);
    assertThat(names()).doesNotContain(name);
    HttpResponse<String> again = unload("");
    assertThat(again.statusCode()).isEqualTo(404);
    assertThat(again.body())
        .isEqualTo(
            ("{\"error\":{\"message\":\"The lora adapter '%s' cannot be found.\","
                    + "\"type\":\"NotFoundError\",\"param\":null,\"code\":null}}")
                .formatted(name));
    // What was loaded is still there for whoever names it exactly.
    assertThat(registry.get(id).revisions()).hasSize(1);
    assertThat(http.send(http.to("v1/models/" + name + "@1")).statusCode()).isEqualTo(200);
  }

  @Test
  void sameWeightsAreTheSameRevision() throws Exception {
    assertThat(load("").statusCode()).isEqualTo(200);
    assertThat(unload("").statusCode()).isEqualTo(200);
    assertThat(load("").statusCode()).isEqualTo(200);
    assertThat(registry.get(id).lastRevision()).isEqualTo(1);
    assertThat(registry.get(id).activeRevision()).isEqualTo(1);
  }

  @Test
  void weightsOfAnotherModelAreLoadedAnew() throws Exception {
    assertThat(load("").statusCode()).isEqualTo(200);
    Revision here = registry.get(id).revision(1).orElseThrow();
    AdapterId moved = new AdapterId("default", name + "-moved");
    registry.create(moved);
    registry.add(
        moved,
        new NewRevision(
            here.digest(),
            RevisionState.STAGED,
            "upload",
            here.rank(),
            here.targets(),
            here.parameters(),
            here.files(),
            "",
            "",
            "f".repeat(64),
            1,
            null));
    registry.activate(moved, Activation.of(1));

    HttpResponse<String> loaded =
        http.post(
            "v1/load_lora_adapter",
            "{\"lora_name\": \"%s\", \"lora_path\": \"%s\"}"
                .formatted(moved.name(), folder.toAbsolutePath()));

    assertThat(loaded.statusCode()).as(loaded.body()).isEqualTo(200);
    assertThat(registry.get(moved).activeRevision()).isEqualTo(2);
    assertThat(registry.get(moved).revision(2).orElseThrow().baseDigest())
        .isEqualTo(engine.model().digest());
  }

  @Test
  void loadedAdapterIsReplacedOnlyInPlace() throws Exception {
    assertThat(load("").statusCode()).isEqualTo(200);
    HttpResponse<String> twice = load("");
    assertThat(twice.statusCode()).isEqualTo(400);
    assertThat(JSON.readTree(twice.body()).path("error").path("message").asText())
        .isEqualTo(
            ("The lora adapter '%s' has already been loaded. If you want to load the adapter in"
                    + " place, set 'load_inplace' to True.")
                .formatted(name));
    write(folder, 8);
    assertThat(load(", \"load_inplace\": true").statusCode()).isEqualTo(200);
    assertThat(registry.get(id).activeRevision()).isEqualTo(2);
    assertThat(registry.get(id).revision(1).orElseThrow().state()).isEqualTo(RevisionState.RETIRED);
  }

  @Test
  void historyGoesOnlyWhereItIsAskedFor() throws Exception {
    assertThat(load("").statusCode()).isEqualTo(200);
    assertThat(unload(", \"delete\": true").statusCode()).isEqualTo(200);
    assertThat(registry.list("default").stream().map(each -> each.id().name()))
        .doesNotContain(name);
    assertThat(unload("").statusCode()).isEqualTo(404);
  }

  @Test
  void pathsStayInTheFolder() throws Exception {
    write(outside, 9);
    Path link = folder.resolve("link");
    Files.createSymbolicLink(link, outside);
    for (String path :
        Stream.of(outside, Path.of("../../etc"), link.toAbsolutePath(), Path.of("/proc/self"))
            .map(Path::toString)
            .toList()) {
      HttpResponse<String> answer = load(path, "");
      assertThat(answer.statusCode()).as(path).isEqualTo(400);
      assertThat(JSON.readTree(answer.body()).path("error").path("param").asText())
          .isEqualTo("lora_path");
      assertThat(answer.body()).contains("leads out of the folder").doesNotContain("No adapter");
    }
    HttpResponse<String> absent = load(folder.toAbsolutePath() + "/nothing", "");
    assertThat(absent.statusCode()).isEqualTo(404);
    assertThat(absent.body()).contains("No adapter found for").contains("NotFoundError");
    assertThat(registry.list("default").stream().map(each -> each.id().name()))
        .doesNotContain(name);
  }

  @Test
  void whatIsNoAdapterIsRefusedWithTheReason() throws Exception {
    Files.writeString(folder.resolve("adapter_config.json"), "{}");
    HttpResponse<String> answer = load("");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("lora_path");
    assertThat(http.post("v1/load_lora_adapter", "{\"lora_name\": \"gulls\"}").body())
        .contains("Both 'lora_name' and 'lora_path' must be provided.", "InvalidUserInput");
    assertThat(http.post("v1/unload_lora_adapter", "{}").body())
        .contains("'lora_name' needs to be provided to unload a LoRA adapter.");
    assertThat(
            http.post(
                    "v1/load_lora_adapter",
                    "{\"lora_name\": \"base\", \"lora_path\": \"%s\"}".formatted(folder))
                .statusCode())
        .isEqualTo(400);
  }

  private List<String> names() throws Exception {
    return JSON.readTree(http.send(http.to("v1/models")).body())
        .path("data")
        .findValuesAsText("id");
  }

  private HttpResponse<String> chat() throws Exception {
    return http.post(
        RawHttp.CHAT,
        "{\"model\": \"%s\", \"messages\": [{\"role\": \"user\", \"content\": \"Color?\"}]}"
            .formatted(name));
  }

  private HttpResponse<String> load(String more) throws Exception {
    return load(folder.toAbsolutePath().toString(), more);
  }

  private HttpResponse<String> load(String path, String more) throws Exception {
    return http.post(
        "v1/load_lora_adapter",
        "{\"lora_name\": \"%s\", \"lora_path\": \"%s\"%s}".formatted(name, path, more));
  }

  private HttpResponse<String> unload(String more) throws Exception {
    return http.post("v1/unload_lora_adapter", "{\"lora_name\": \"%s\"%s}".formatted(name, more));
  }
}
