package io.trimtab.serving.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.trimtab.adaptation.UploadLimits;
import io.trimtab.serving.RunningAdapters;
import io.trimtab.testing.AdapterBench;
import io.trimtab.testing.FullDiskDraft;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.TensorFile;
import io.trimtab.v1.ListAdaptersRequest;
import io.trimtab.v1.Revision;
import io.trimtab.v1.UploadHeader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Uploads that are wrong in every way: each is refused in words, and leaves nothing. */
final class AdapterBadInputTest {
  private static final PeftFolder GOOD = PeftFolder.reference("llava-onevision", "sa-proj");

  @TempDir private Path folder;

  private RunningAdapters server;

  @BeforeEach
  void start() throws IOException {
    server = RunningAdapters.start(AdapterBench.open(folder));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** What a client sends, up to where the server should have refused it. */
  interface Sent {
    RawUpload<Revision> send(RawUpload<Revision> upload) throws IOException;
  }

  /**
   * @param words parts of the refusal
   */
  record Bad(String name, Sent sent, String... words) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Bad> bad() {
    return Stream.of(
        new Bad("nothing", upload -> upload, "header"),
        new Bad("a file without a header", upload -> upload.config(GOOD), "header first"),
        new Bad("an empty first message", RawUpload::empty, "header first"),
        new Bad(
            "two headers",
            upload -> upload.header("birds").config(GOOD).header("birds"),
            "A second header"),
        new Bad("an empty message", upload -> upload.header("birds").empty(), "An empty message"),
        new Bad(
            "data before a path",
            upload -> upload.header("birds").chunk("", new byte[1]),
            "has no path"),
        new Bad("no files", upload -> upload.header("birds"), "adapter_config.json is missing"),
        new Bad(
            "an upload that ends early",
            upload -> upload.header("birds").config(GOOD),
            "adapter_model.safetensors is missing"),
        new Bad(
            "a file twice",
            upload -> upload.header("birds").config(GOOD).weights(GOOD).config(GOOD),
            "adapter_config.json comes a second time"),
        new Bad("a path up", file("../adapter_config.json"), "no file of an adapter"),
        new Bad("an absolute path", file("/tmp/adapter_config.json"), "no file of an adapter"),
        new Bad("a file that PEFT writes too", file("README.md"), "no file of an adapter"),
        new Bad("a name with a control character", file("adapter\u001b[2J"), "adapter?[2J"),
        new Bad("a name of another script", file("аdapter_config.json"), "no file of an adapter"),
        new Bad("a pickle file", file("adapter_model.bin"), "pickle"),
        new Bad(
            "a note with a line end",
            upload -> upload.header(UploadHeader.newBuilder().setNote("a\nb")),
            "note"),
        new Bad(
            "a configuration that is too large",
            upload -> upload.header("birds").chunk("adapter_config.json", new byte[9000]),
            "adapter_config.json has more than",
            "8192"),
        new Bad(
            "weights that are too large",
            upload -> upload.header("birds").chunk("adapter_model.safetensors", new byte[300_000]),
            "adapter_model.safetensors has more than",
            "262144"),
        new Bad(
            "a configuration that is not JSON",
            upload ->
                upload
                    .header("birds")
                    .chunk("adapter_config.json", "r: 16".getBytes(StandardCharsets.UTF_8))
                    .weights(GOOD),
            "adapter_config.json"),
        new Bad(
            "empty files",
            upload ->
                upload
                    .header("birds")
                    .chunk("adapter_config.json", new byte[0])
                    .chunk("adapter_model.safetensors", new byte[0]),
            "adapter_config.json",
            "adapter_model.safetensors"),
        new Bad(
            "weights cut short",
            weights(bytes -> Arrays.copyOf(bytes, bytes.length - 4)),
            "adapter_model.safetensors"),
        new Bad(
            "a header of 2 GB",
            weights(
                bytes -> {
                  ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 2L << 30);
                  return bytes;
                }),
            "2147483648"),
        new Bad(
            "a NaN",
            weights(
                bytes -> {
                  Arrays.fill(bytes, bytes.length - 4, bytes.length, (byte) 0xff);
                  return bytes;
                }),
            "not a number"),
        new Bad(
            "an adapter of another model",
            upload -> {
              PeftFolder other = PeftFolder.reference("qwen2_5-vl", "all-linear");
              return upload.header("birds").config(other).weights(other);
            },
            "adapter"),
        new Bad(
            "a tensor for the vision tower",
            upload -> {
              TensorFile tensors = GOOD.readWeights();
              TensorFile.Entry entry = tensors.tensors().values().iterator().next();
              return upload
                  .header("birds")
                  .config(GOOD)
                  .chunk(
                      "adapter_model.safetensors",
                      bytes(
                          tensors.with(
                              "base_model.model.model.vision_tower.vision_model.encoder.layers.0"
                                  + ".self_attn.q_proj.lora_A.weight",
                              entry.dtype(),
                              entry.shape(),
                              entry.data())));
            },
            "vision"));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void isRefusedInWordsAndLeavesNothing(Bad bad) throws IOException {
    Status status = refusal(bad.sent.send(RawUpload.to(server.streamsAs("acme")::upload)));
    assertThat(status.getCode()).as(status.toString()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getDescription()).contains(bad.words).doesNotContain(folder.toString());
    nothingIsLeft();
  }

  @Test
  void anUploadThatStallsIsEnded() throws Exception {
    server.close();
    server = RunningAdapters.start(AdapterBench.open(folder.resolve("2"), Duration.ofMillis(200)));
    RawUpload<Revision> upload =
        RawUpload.to(server.streamsAs("acme")::upload).header("birds").config(GOOD);
    ExecutionException failure = catchThrowableOfType(ExecutionException.class, upload::answer);
    assertThat(Status.fromThrowable(failure.getCause()).getCode())
        .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    nothingIsLeft();
  }

  @Test
  void aClientThatCancelsLeavesNothing() throws Exception {
    RawUpload<Revision> upload =
        RawUpload.to(server.streamsAs("acme")::upload).header("birds").config(GOOD);
    upload.chunk("adapter_model.safetensors", new byte[1000]);
    awaitKept();
    upload.cancel();
    assertThat(server.stop(Duration.ofSeconds(60))).isZero();
    assertThat(server.bench().kept()).isEmpty();
    assertThat(server.bench().registry().list("acme")).isEmpty();
  }

  @Test
  void aFullDiskIsSaidAndLeavesNothing() throws Exception {
    server.close();
    server =
        RunningAdapters.start(
            AdapterBench.open(
                folder.resolve("2"),
                UploadLimits.defaults(),
                store ->
                    new AdapterBench.Drafts(store, draft -> new FullDiskDraft(draft, 10_000))));
    Status status =
        refusal(
            RawUpload.to(server.streamsAs("acme")::upload)
                .header("birds")
                .config(GOOD)
                .weights(GOOD));
    assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(status.getDescription()).contains("No space left");
    nothingIsLeft();
  }

  @Test
  void uploadsBeyondTheLimitAreRefusedUntilOneEnds() throws Exception {
    server.close();
    UploadLimits one = new UploadLimits(1, Duration.ofSeconds(60));
    server = RunningAdapters.start(AdapterBench.open(folder.resolve("2"), one, store -> store));
    RawUpload<Revision> first =
        RawUpload.to(server.streamsAs("acme")::upload).header("birds").config(GOOD);
    awaitKept();
    Status status = refusal(RawUpload.to(server.streamsAs("acme")::upload).header("planes"));
    assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(first.weights(GOOD).end().getRevision()).isEqualTo(1);
    assertThat(
            RawUpload.to(server.streamsAs("acme")::upload)
                .header("birds")
                .config(GOOD)
                .weights(GOOD)
                .end()
                .getRevision())
        .isEqualTo(2);
  }

  private void awaitKept() {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (server.bench().kept().isEmpty() && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(server.bench().kept()).isNotEmpty();
  }

  private void nothingIsLeft() {
    assertThat(server.bench().kept()).isEmpty();
    assertThat(server.as("acme").list(ListAdaptersRequest.getDefaultInstance()).getAdaptersList())
        .isEmpty();
  }

  private static Status refusal(RawUpload<Revision> upload) {
    ExecutionException failure = catchThrowableOfType(ExecutionException.class, upload::end);
    assertThat(failure).isNotNull();
    assertThat(failure).hasCauseInstanceOf(StatusRuntimeException.class);
    return Status.fromThrowable(failure.getCause());
  }

  private static Sent file(String path) {
    return upload -> upload.header("birds").chunk(path, new byte[1]);
  }

  /** A change of a file's bytes. */
  private interface Damage {
    byte[] to(byte[] bytes);
  }

  private static Sent weights(Damage damage) {
    return upload ->
        upload
            .header("birds")
            .config(GOOD)
            .chunk("adapter_model.safetensors", damage.to(Files.readAllBytes(GOOD.weights())));
  }

  private static byte[] bytes(TensorFile tensors) {
    try {
      Path file = Files.createTempFile("tensors", ".safetensors");
      try {
        tensors.write(file);
        return Files.readAllBytes(file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
