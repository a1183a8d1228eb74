package io.trimtab.serving.openinference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import inference.DataType;
import inference.ModelConfig;
import inference.ModelConfigRequest;
import inference.ModelInferRequest;
import inference.ModelInput;
import inference.ModelMetadataRequest;
import inference.ModelMetadataResponse;
import inference.ModelMetadataResponse.TensorMetadata;
import inference.ModelOutput;
import inference.ModelReadyRequest;
import inference.ModelRepositoryParameter;
import inference.RepositoryIndexRequest;
import inference.RepositoryIndexResponse.ModelIndex;
import inference.RepositoryModelLoadRequest;
import inference.RepositoryModelUnloadRequest;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.trimtab.adaptation.AdapterUpload;
import io.trimtab.adaptation.AfterUpload;
import io.trimtab.adaptation.LiveBench;
import io.trimtab.adaptation.NoopPolicy;
import io.trimtab.adaptation.UploadOrder;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.engine.api.EngineHealth;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.testing.AdapterBench;
import io.trimtab.testing.PeftFolder;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters as models, behind a real socket; the engine only remembers what it was to load. */
final class ModelRepositoryTest {
  private static final AdapterId BIRDS = new AdapterId("acme", "birds");

  @TempDir Path folder;
  private AdapterBench bench;
  private RunningModels server;

  @BeforeEach
  void start() throws Exception {
    bench = AdapterBench.open(folder);
    server = new RunningModels(bench.engine(), bench.registry(), bench.store());
    publish("sa-proj", AfterUpload.ACTIVATE);
    publish("gate-up-rslora", AfterUpload.STAGE);
  }

  @AfterEach
  void stop() {
    server.close();
    bench.close();
  }

  private void publish(String reference, AfterUpload after) {
    try (AdapterUpload upload =
        bench.publisher().begin(new UploadOrder(BIRDS, "", NoopPolicy.REFUSE, after))) {
      LiveBench.send(upload, PeftFolder.reference("llava-onevision", reference));
      assertThat(upload.examine().errors()).isEmpty();
      var _ = upload.publish();
    }
  }

  @Test
  void metadataIsWhatIsTaken() {
    ModelMetadataResponse metadata = metadata("birds", "");
    assertThat(metadata.getName()).isEqualTo("birds");
    assertThat(metadata.getVersionsList()).containsExactly("1", "2");
    assertThat(metadata("base", "").getVersionsList()).containsExactly("0");
    assertThat(metadata("birds", "2").getInputsList()).isEqualTo(metadata.getInputsList());
    assertThat(metadata.getInputsList())
        .extracting(TensorMetadata::getName, TensorMetadata::getDatatype)
        .containsExactly(tuple("image", "BYTES"), tuple("prompt", "BYTES"));
    assertThat(metadata.getInputs(0).getShapeList()).containsExactly(-1L);
    assertThat(metadata.getInputs(1).getShapeList()).containsExactly(1L);
    assertThat(metadata.getOutputsList()).hasSize(1);

    // A request made of the metadata alone is taken, and its answer is as described.
    ModelInferRequest.Builder request =
        ModelInferRequest.newBuilder()
            .setModelName(metadata.getName())
            .setModelVersion(metadata.getVersions(0));
    for (TensorMetadata input : metadata.getInputsList()) {
      int count = input.getShape(0) == -1 ? 2 : (int) input.getShape(0);
      byte[][] elements = new byte[count][];
      for (int i = 0; i < count; i++) {
        elements[i] = new byte[] {'a'};
      }
      request
          .addInputs(
              ModelInferRequest.InferInputTensor.newBuilder()
                  .setName(input.getName())
                  .setDatatype(input.getDatatype())
                  .addShape(count))
          .addRawInputContents(OpenRequests.serialized(List.of(elements)));
    }
    TensorMetadata output = metadata.getOutputs(0);
    request.addOutputsBuilder().setName(output.getName());
    var answered = server.as("acme").modelInfer(request.build()).getOutputs(0);
    assertThat(answered.getName()).isEqualTo(output.getName());
    assertThat(answered.getDatatype()).isEqualTo(output.getDatatype());
    assertThat(answered.getShapeList()).isEqualTo(output.getShapeList());
  }

  @Test
  void whatIsNotThereIsNotFoundAndAnothersLooksTheSame() {
    for (String tenant : List.of("acme", "other")) {
      String model = tenant.equals("acme") ? "bees" : "birds";
      String words = "There is no adapter '%s'".formatted(model);
      refused(Status.Code.NOT_FOUND, () -> metadata(tenant, model, ""), words);
      refused(Status.Code.NOT_FOUND, () -> metadata(tenant, model, "1"), words);
      refused(
          Status.Code.NOT_FOUND, () -> server.as(tenant).repositoryModelLoad(triton(model)), words);
      refused(
          Status.Code.NOT_FOUND,
          () -> server.as(tenant).repositoryModelUnload(tritonUnload(model)),
          words);
      assertThat(ready(tenant, model, "")).isFalse();
    }
    refused(Status.Code.NOT_FOUND, () -> metadata("acme", "birds", "9"), "no revision 9");
    refused(Status.Code.NOT_FOUND, () -> metadata("acme", "base", "1"), "no version 1");
    refused(Status.Code.INVALID_ARGUMENT, () -> metadata("acme", "birds", "x"), "The version is");
    refused(Status.Code.INVALID_ARGUMENT, () -> ready("acme", "Birds", ""), "The model is");
    assertThat(bench.engine().unloaded()).isEmpty();
  }

  @Test
  void aModelIsReadyWhenARequestForItWouldBeAnswered() {
    assertThat(ready("acme", "base", "")).isTrue();
    assertThat(ready("acme", "birds", "")).isTrue();
    assertThat(ready("acme", "birds", "2")).isTrue();
    assertThat(ready("acme", "birds", "9")).isFalse();
    assertThat(ready("acme", "base", "1")).isFalse();
    bench.registry().quarantine(BIRDS, 2, "drifted");
    assertThat(ready("acme", "birds", "2")).isFalse();
    bench.engine().health(new EngineHealth.Loading());
    assertThat(ready("acme", "birds", "")).isFalse();
  }

  @Test
  void theIndexListsEveryVersionWithItsState() {
    bench.registry().quarantine(BIRDS, 2, "drifted");
    bench.registry().create(new AdapterId("acme", "bees"));
    assertThat(index("acme", false))
        .containsExactly(
            "base 0 READY",
            "bees  READY",
            "birds 1 READY",
            "birds 2 UNAVAILABLE It is QUARANTINED");
    assertThat(index("acme", true)).containsExactly("base 0 READY", "bees  READY", "birds 1 READY");
    assertThat(index("other", false)).containsExactly("base 0 READY");
    bench.engine().health(new EngineHealth.Loading());
    assertThat(index("other", false)).containsExactly("base 0 UNAVAILABLE The server is not ready");
    refused(
        Status.Code.INVALID_ARGUMENT,
        () ->
            server
                .as("acme")
                .repositoryIndex(
                    RepositoryIndexRequest.newBuilder().setRepositoryName("s3").build()),
        "repository_name is 's3', expected it empty");
  }

  @Test
  void whatIsServedIsLoadedTheCanaryToo() {
    int before = bench.engine().preloaded().size();
    var answer = server.as("acme").repositoryModelLoad(triton("birds"));
    assertThat(answer.getIsLoaded()).isTrue();
    assertThat(answer.getModelName()).isEqualTo("birds");
    assertThat(loaded(before)).containsExactly(1);

    bench
        .registry()
        .activate(BIRDS, new Activation(2, 10, Activation.Force.RESPECTING_STATE, "", 0));
    var _ = server.as("acme").repositoryModelLoad(triton("birds"));
    assertThat(loaded(before)).containsExactly(1, 1, 2);

    // Nothing to do, and nothing wrong.
    assertThat(server.as("acme").repositoryModelLoad(triton("base")).getIsLoaded()).isTrue();
    assertThat(loaded(before)).hasSize(3);
  }

  private List<Integer> loaded(int from) {
    List<ResolvedRevision> all = bench.engine().preloaded();
    return all.subList(from, all.size()).stream().map(ResolvedRevision::revision).toList();
  }

  @Test
  void aLoadThatFailsSaysWhy() {
    bench
        .engine()
        .preloadFailure(new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, "no host memory"));
    refused(
        Status.Code.RESOURCE_EXHAUSTED,
        () -> server.as("acme").repositoryModelLoad(triton("birds")),
        "no host memory");
  }

  @Test
  void unloadingLetsEveryRevisionGoAndDeletesNothing() {
    var before = bench.registry().get(BIRDS);
    List<Path> kept = bench.kept();
    var answer = server.as("acme").repositoryModelUnload(tritonUnload("birds"));
    assertThat(answer.getIsUnloaded()).isTrue();
    assertThat(bench.engine().unloaded())
        .extracting(ResolvedRevision::revision)
        .containsExactly(1, 2);
    assertThat(bench.registry().get(BIRDS)).isEqualTo(before);
    assertThat(bench.kept()).isEqualTo(kept);
    assertThat(ready("acme", "birds", "")).isTrue();

    ResolvedRevision active =
        ResolvedRevision.of(BIRDS, bench.registry().get(BIRDS).active().orElseThrow());
    bench.engine().pin(active).join();
    assertThat(server.as("acme").repositoryModelUnload(tritonUnload("birds")).getIsUnloaded())
        .as("a pinned one stays")
        .isFalse();
    refused(
        Status.Code.FAILED_PRECONDITION,
        () -> server.as("acme").repositoryModelUnload(tritonUnload("base")),
        "'base' stays loaded");
  }

  /** KServe's message has the model in the field that is the repository in Triton's. */
  @Test
  void bothDialectsOfLoadAndUnloadAreUnderstood() {
    for (PublishedDialect dialect : PublishedDialect.values()) {
      int before = bench.engine().preloaded().size();
      Message loaded =
          call(dialect, "RepositoryModelLoad", named(dialect, "RepositoryModelLoadRequest"));
      assertThat(loaded(before)).as(dialect.toString()).containsExactly(1);
      Message unloaded =
          call(dialect, "RepositoryModelUnload", named(dialect, "RepositoryModelUnloadRequest"));
      assertThat(bench.engine().unloaded()).hasSize(2 * (dialect.ordinal() + 1));
      if (dialect == PublishedDialect.KSERVE) {
        assertThat(field(loaded, "model_name")).isEqualTo("birds");
        assertThat(field(loaded, "isLoaded")).isEqualTo(true);
        assertThat(field(unloaded, "model_name")).isEqualTo("birds");
        assertThat(field(unloaded, "isUnloaded")).isEqualTo(true);
      }
    }
  }

  private static DynamicMessage named(PublishedDialect dialect, String message) {
    DynamicMessage.Builder request = dialect.message(message);
    return request
        .setField(request.getDescriptorForType().findFieldByName("model_name"), "birds")
        .build();
  }

  private static Object field(Message message, String name) {
    return message.getField(message.getDescriptorForType().findFieldByName(name));
  }

  private Message call(PublishedDialect dialect, String method, DynamicMessage request) {
    return ClientCalls.blockingUnaryCall(
        server.channel("acme"),
        dialect.method(method, MethodType.UNARY),
        CallOptions.DEFAULT,
        request);
  }

  @Test
  void whatLoadingCannotDoIsRefused() {
    refused(
        Status.Code.INVALID_ARGUMENT,
        () ->
            server
                .as("acme")
                .repositoryModelLoad(
                    triton("birds").toBuilder()
                        .putParameters(
                            "config",
                            ModelRepositoryParameter.newBuilder().setStringParam("{}").build())
                        .build()),
        "The parameter 'config' is not taken");
    refused(
        Status.Code.INVALID_ARGUMENT,
        () ->
            server
                .as("acme")
                .repositoryModelLoad(
                    triton("birds").toBuilder().setRepositoryName("s3://models").build()),
        "repository_name is 's3://models', expected it empty");
    refused(
        Status.Code.INVALID_ARGUMENT,
        () ->
            server.as("acme").repositoryModelLoad(RepositoryModelLoadRequest.getDefaultInstance()),
        "The model is ''");
  }

  private static RepositoryModelLoadRequest triton(String model) {
    return RepositoryModelLoadRequest.newBuilder().setModelName(model).build();
  }

  /** With the parameter that Triton's clients always send. */
  private static RepositoryModelUnloadRequest tritonUnload(String model) {
    return RepositoryModelUnloadRequest.newBuilder()
        .setModelName(model)
        .putParameters(
            "unload_dependents", ModelRepositoryParameter.newBuilder().setBoolParam(false).build())
        .build();
  }

  @Test
  void configurationSaysWhatMetadataSays() {
    ModelConfig config = config("birds", "2");
    ModelMetadataResponse metadata = metadata("birds", "2");
    assertThat(config.getName()).isEqualTo("birds");
    assertThat(config.getMaxBatchSize()).isZero();
    assertThat(config.getModelTransactionPolicy().getDecoupled()).isTrue();
    assertThat(config.getInputList())
        .extracting(ModelInput::getName, ModelInput::getDimsList)
        .containsExactlyElementsOf(
            metadata.getInputsList().stream()
                .map(each -> tuple(each.getName(), each.getShapeList()))
                .toList());
    assertThat(config.getInputList())
        .extracting(ModelInput::getDataType, ModelInput::getOptional)
        .containsExactly(tuple(DataType.TYPE_STRING, true), tuple(DataType.TYPE_STRING, false));
    assertThat(config.getOutputList())
        .extracting(ModelOutput::getName, ModelOutput::getDimsList)
        .containsExactly(
            tuple(metadata.getOutputs(0).getName(), metadata.getOutputs(0).getShapeList()));
    assertThat(config("base", "").getInputList()).isEqualTo(config.getInputList());
    refused(Status.Code.NOT_FOUND, () -> config("birds", "9"), "9");
    refused(Status.Code.NOT_FOUND, () -> config("nobody", ""), "nobody");
  }

  private ModelConfig config(String model, String version) {
    return server
        .as("acme")
        .modelConfig(ModelConfigRequest.newBuilder().setName(model).setVersion(version).build())
        .getConfig();
  }

  private ModelMetadataResponse metadata(String model, String version) {
    return metadata("acme", model, version);
  }

  private ModelMetadataResponse metadata(String tenant, String model, String version) {
    return server
        .as(tenant)
        .modelMetadata(
            ModelMetadataRequest.newBuilder().setName(model).setVersion(version).build());
  }

  private boolean ready(String tenant, String model, String version) {
    return server
        .as(tenant)
        .modelReady(ModelReadyRequest.newBuilder().setName(model).setVersion(version).build())
        .getReady();
  }

  private List<String> index(String tenant, boolean ready) {
    return server
        .as(tenant)
        .repositoryIndex(RepositoryIndexRequest.newBuilder().setReady(ready).build())
        .getModelsList()
        .stream()
        .map(ModelRepositoryTest::told)
        .toList();
  }

  private static String told(ModelIndex entry) {
    return "%s %s %s %s"
        .formatted(entry.getName(), entry.getVersion(), entry.getState(), entry.getReason())
        .stripTrailing();
  }

  private static void refused(Status.Code code, ThrowingCallable call, String words) {
    StatusRuntimeException refusal = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(refusal).as("refusal with %s", words).isNotNull();
    assertThat(refusal.getStatus().getCode()).isEqualTo(code);
    assertThat(refusal.getStatus().getDescription()).contains(words);
  }
}
