package io.trimtab.serving.openinference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import inference.ModelInferRequest;
import inference.ModelInferResponse;
import inference.ModelStreamInferResponse;
import inference.RepositoryModelLoadRequest;
import inference.RepositoryModelUnloadRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.trimtab.adaptation.LiveBench;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.Revision;
import io.trimtab.engine.EngineOptions;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.Shared;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.GenerateResponse;
import io.trimtab.v1.Image;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import io.trimtab.v1.Sampling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bundled model and one of a tenant's adapters, asked in both protocols. */
final class OpenInferenceModelTest {
  private static final String CHECKPOINT = "models/dinghy-llava";
  private static final AdapterId BIRDS = new AdapterId("acme", "birds");
  private static final int MAX_TOKENS = 12;

  @TempDir private static Path folder;
  private static LiveBench bench;
  private static RunningModels server;
  private static Revision revision;

  @BeforeAll
  static void open() throws IOException {
    bench = LiveBench.open(CHECKPOINT, folder.resolve("store"), EngineOptions.defaults());
    revision =
        bench.serve(
            BIRDS,
            PeftFolder.random(
                LiveBench.config(CHECKPOINT),
                folder.resolve("birds"),
                7,
                8,
                Set.of("q_proj", "v_proj", "gate_proj"),
                0.2f));
    server = new RunningModels(bench.engine(), bench.registry(), bench.files());
  }

  @AfterAll
  static void close() {
    server.close();
    assertThat(bench.leasesAfterClose()).isZero();
  }

  @Test
  void everyFormOfTheProtocolGivesTheTextOfTrimtabsOwn() throws Exception {
    List<String> texts = new ArrayList<>();
    for (String model : List.of("base", "birds")) {
      for (List<String> pictures : List.of(List.<String>of(), List.of("03"), List.of("05", "09"))) {
        String prompt = "What is in the picture?";
        GenerateResponse own = own(model, prompt, pictures);
        texts.add(own.getText());

        ModelInferResponse raw = server.as("acme").modelInfer(open(true, model, prompt, pictures));
        ModelInferResponse typed =
            server.as("acme").modelInfer(open(false, model, prompt, pictures));
        List<ModelStreamInferResponse> streamed =
            server.streamed("acme", open(true, model, prompt, pictures));
        assertThat(OpenRequests.rawText(raw)).isEqualTo(own.getText());
        assertThat(OpenRequests.typedText(typed)).isEqualTo(own.getText());
        StringBuilder joined = new StringBuilder();
        streamed.forEach(each -> joined.append(OpenRequests.rawText(each.getInferResponse())));
        assertThat(joined).hasToString(own.getText());
        assertThat(streamed.size()).isGreaterThan(1);

        assertThat(raw.getModelVersion())
            .isEqualTo(String.valueOf(own.getServedBy().getRevision()));
        assertThat(raw.getParametersMap())
            .containsEntry(
                "adapter_digest", OpenRequests.string(own.getServedBy().getAdapterDigest()))
            .containsEntry("model_digest", OpenRequests.string(own.getServedBy().getModelDigest()))
            .containsEntry("image_tokens", OpenRequests.int64(own.getUsage().getImageTokens()))
            .containsEntry(
                "completion_tokens", OpenRequests.int64(own.getUsage().getCompletionTokens()));
      }
    }
    assertThat(Set.copyOf(texts)).as("the adapter and the pictures matter").hasSizeGreaterThan(3);
  }

  @Test
  void aVersionIsServedByItsRevision() {
    ModelInferResponse response =
        server
            .as("acme")
            .modelInfer(OpenRequests.raw("birds", "What?").setModelVersion("1").build());
    assertThat(response.getModelVersion()).isEqualTo("1");
    assertThat(response.getParametersOrThrow("adapter_digest").getStringParam())
        .isEqualTo(revision.digest());
  }

  @Test
  void modelsAndVersionsThatTheTenantDoesNotHaveAreNotFound() throws Exception {
    notFound("acme", OpenRequests.raw("bees", "What?").build(), "There is no adapter 'bees'");
    notFound(
        "acme",
        OpenRequests.typed("birds", "What?").setModelVersion("2").build(),
        "no revision 2 of the adapter 'birds'");
    // Another tenant's, by name and by version, is as one that is not there.
    for (String version : List.of("", "1")) {
      notFound(
          "other",
          OpenRequests.raw("birds", "What?").setModelVersion(version).build(),
          "There is no adapter 'birds'");
    }
  }

  private static void notFound(String tenant, ModelInferRequest request, String words)
      throws Exception {
    StatusRuntimeException refusal =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> server.as(tenant).modelInfer(request));
    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(refusal.getStatus().getDescription()).contains(words);
    List<ModelStreamInferResponse> streamed = server.streamed(tenant, request);
    assertThat(streamed).hasSize(1);
    assertThat(streamed.getFirst().getErrorMessage()).contains(words);
  }

  @Test
  void whatIsNoPictureIsRefused() {
    StatusRuntimeException refusal =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                server
                    .as("acme")
                    .modelInfer(OpenRequests.raw("base", "What?", new byte[] {1, 2, 3}).build()));
    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void loadedAdaptersAreInHostMemoryAndUnloadedOnesAreNot() throws Exception {
    RepositoryModelLoadRequest load =
        RepositoryModelLoadRequest.newBuilder().setModelName("birds").build();
    var _ = server.as("acme").repositoryModelLoad(load);
    assertThat(warm()).isEqualTo(1);
    assertThat(
            server
                .as("acme")
                .repositoryModelUnload(
                    RepositoryModelUnloadRequest.newBuilder().setModelName("birds").build())
                .getIsUnloaded())
        .isTrue();
    assertThat(warm()).isZero();
    // The next request loads it again, and answers the same.
    assertThat(
            OpenRequests.rawText(
                server.as("acme").modelInfer(open(true, "birds", "What?", List.of()))))
        .isEqualTo(own("birds", "What?", List.of()).getText());
    assertThat(warm()).isEqualTo(1);
  }

  private static int warm() {
    return bench.engine().deltaStatistics().host().deltas();
  }

  private static ModelInferRequest open(
      boolean raw, String model, String prompt, List<String> samples) throws IOException {
    byte[][] pictures = new byte[samples.size()][];
    for (int i = 0; i < pictures.length; i++) {
      pictures[i] = picture(samples.get(i));
    }
    ModelInferRequest.Builder request =
        raw
            ? OpenRequests.raw(model, prompt, pictures)
            : OpenRequests.typed(model, prompt, pictures);
    return request
        .putParameters("max_tokens", OpenRequests.int64(MAX_TOKENS))
        .putParameters("min_tokens", OpenRequests.string(String.valueOf(MAX_TOKENS)))
        .build();
  }

  private static GenerateResponse own(String adapter, String prompt, List<String> samples)
      throws IOException {
    Message.Builder message = Message.newBuilder().setRole("user");
    for (String sample : samples) {
      message.addParts(
          Part.newBuilder()
              .setImage(Image.newBuilder().setData(ByteString.copyFrom(picture(sample)))));
    }
    message.addParts(Part.newBuilder().setText(prompt));
    return server
        .trimtabAs("acme")
        .complete(
            GenerateRequest.newBuilder()
                .setAdapter(adapter)
                .addMessages(message)
                .setSampling(
                    Sampling.newBuilder().setMaxTokens(MAX_TOKENS).setMinTokens(MAX_TOKENS))
                .build());
  }

  private static byte[] picture(String sample) throws IOException {
    return Files.readAllBytes(Shared.path("%s/samples/%s.png".formatted(CHECKPOINT, sample)));
  }
}
