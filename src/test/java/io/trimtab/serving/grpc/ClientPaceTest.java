package io.trimtab.serving.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.trimtab.adaptation.AdapterFile;
import io.trimtab.adapter.AdapterEvent;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.adapters.FileSender;
import io.trimtab.serving.inference.FakeClient;
import io.trimtab.testing.AdapterBench;
import io.trimtab.v1.FileChunk;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is sent to clients that take it slowly, or not at all. */
final class ClientPaceTest {
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @Test
  void aFileIsSentInChunksAsTheClientTakesThem() throws Exception {
    byte[] bytes = new byte[700_000];
    bytes[699_999] = 7;
    Path file = Files.write(folder.resolve("weights"), bytes);
    FakeClient<FileChunk> client = new FakeClient<>();
    client.ready = false;
    ClientPace pace = new ClientPace(client, LONG);
    try (FileChannel channel = FileChannel.open(file)) {
      CompletableFuture<Void> sending = new CompletableFuture<>();
      Thread.startVirtualThread(
          () -> {
            try {
              new FileSender(client, pace).send(AdapterFile.WEIGHTS, channel);
              sending.complete(null);
            } catch (Throwable e) {
              sending.completeExceptionally(e);
            }
          });
      assertThat(client.received).isEmpty();
      client.ready = true;
      pace.changed();
      assertThat(sending).succeedsWithin(LONG);
    }
    assertThat(client.received)
        .allSatisfy(chunk -> assertThat(chunk.getPath()).isEqualTo("adapter_model.safetensors"))
        .allSatisfy(chunk -> assertThat(chunk.getData().size()).isBetween(1, 1 << 20))
        .hasSizeGreaterThan(1);
    ByteString all =
        client.received.stream()
            .map(FileChunk::getData)
            .reduce(ByteString.EMPTY, ByteString::concat);
    assertThat(all.toByteArray()).isEqualTo(bytes);
  }

  @Test
  void aClientThatTakesNothingIsGivenUp() {
    FakeClient<FileChunk> client = new FakeClient<>();
    client.ready = false;
    assertThatThrownBy(() -> new ClientPace(client, SHORT).awaitReady())
        .isInstanceOfSatisfying(
            TrimtabException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED));
  }

  @Test
  void aClientThatHasGoneIsNotWaitedFor() {
    FakeClient<FileChunk> client = new FakeClient<>();
    client.ready = false;
    client.cancelled = true;
    assertThatThrownBy(() -> new ClientPace(client, LONG).awaitReady())
        .isInstanceOfSatisfying(
            TrimtabException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.CANCELLED));
  }

  @Test
  void aSlowWatcherIsEndedOnceAndSaidSo() throws Exception {
    FakeClient<io.trimtab.v1.AdapterEvent> client = new FakeClient<>();
    OpenCalls openCalls = new OpenCalls();
    WatchCall<AdapterEvent, io.trimtab.v1.AdapterEvent> call =
        new WatchCall<>(
            client,
            new ClientPace(client, SHORT),
            openCalls,
            _ -> io.trimtab.v1.AdapterEvent.getDefaultInstance());
    call.begin();
    call.changed(event());
    client.ready = false;
    call.changed(event());
    call.changed(event());
    call.ended(new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, "Too many waited"));

    assertThat(client.received).hasSize(1);
    assertThat(client.status).extracting(Status::getCode).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(openCalls.close(LONG)).isZero();
  }

  @Test
  void aWatcherThatEndedBeforeItsSubscriptionWasKnownLeavesNone() throws Exception {
    try (AdapterBench bench = AdapterBench.open(folder)) {
      FakeClient<io.trimtab.v1.AdapterEvent> client = new FakeClient<>();
      OpenCalls openCalls = new OpenCalls();
      WatchCall<AdapterEvent, io.trimtab.v1.AdapterEvent> call =
          new WatchCall<>(
              client,
              new ClientPace(client, SHORT),
              openCalls,
              _ -> io.trimtab.v1.AdapterEvent.getDefaultInstance());
      call.begin();
      call.cancelled();
      call.attach(bench.registry().watch("acme", 1, call));
      bench.registry().create(new AdapterId("acme", "birds"));
      assertThat(client.received).isEmpty();
      assertThat(openCalls.close(LONG)).isZero();
    }
  }

  private AdapterEvent event() {
    Path store = folder.resolve("store");
    try (AdapterBench bench = AdapterBench.open(store)) {
      AdapterSnapshot snapshot = bench.registry().create(new AdapterId("acme", "birds"));
      return new AdapterEvent(snapshot, snapshot.change());
    }
  }
}
