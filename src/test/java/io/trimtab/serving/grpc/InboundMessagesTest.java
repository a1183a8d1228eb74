package io.trimtab.serving.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.trimtab.serving.InboundBudget;
import io.trimtab.serving.security.Tenants;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Behind a real socket. The server takes 4 MiB of all, 2 MiB of a tenant, 4 MiB as a message. */
class InboundMessagesTest {
  private static final int PATIENCE_SECONDS = 60;
  private static final int MESSAGE_BYTES_MAX = 4 << 20;
  private static final int MESSAGE_BYTES = 1 << 20;
  private static final int HALF = 700_000;
  private static final long BEGUN = Long.MAX_VALUE - Duration.ofSeconds(10).toNanos();

  private final InboundBudget budget = InboundBudget.quarterOf("Messages", 16 << 20, MESSAGE_BYTES);
  private final AtomicLong nanos = new AtomicLong(BEGUN);
  private final InboundMessages messages = new InboundMessages(budget, nanos::get);
  private final ByteService service = new ByteService();

  private Server server;
  private RawClient raw;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    server =
        NettyServerBuilder.forPort(0)
            .addStreamTracerFactory(messages)
            .addService(
                ServerInterceptors.intercept(
                    service.definition(),
                    new InboundInterceptor(),
                    new TenantInterceptor(Tenants.open())))
            .maxInboundMessageSize(MESSAGE_BYTES_MAX)
            .build()
            .start();
    raw = new RawClient(server.getPort());
    channel =
        NettyChannelBuilder.forAddress("localhost", server.getPort())
            .usePlaintext()
            .maxInboundMessageSize(MESSAGE_BYTES_MAX)
            .build();
  }

  /** However a call has ended, nothing of it is held. */
  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow();
    raw.close();
    server.shutdown();
    assertThat(server.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(budget.heldBytes()).isZero();
    assertThat(service.failures).isEmpty();
  }

  @Test
  void messagesThatStayHalfWayLeaveNoRoomForMore() throws Exception {
    List<RawClient.Call> calls = new ArrayList<>();
    for (String tenant : List.of("birds", "birds", "ships", "ships", "trains")) {
      calls.add(half(ByteService.UNARY, tenant));
    }
    until(() -> budget.heldBytes() == 5 * HALF);

    RawClient.Call refused = half(ByteService.UNARY, "trains");
    assertThat(refused.end())
        .startsWith("8 Messages that are being sent hold ")
        .endsWith(" more, expected at most 4194304 together");
    until(() -> budget.heldBytes() == 5 * HALF);

    calls.forEach(RawClient.Call::cancel);
    until(() -> budget.heldBytes() == 0);
    assertThat(unary("trains", new byte[MESSAGE_BYTES])).hasSize(MESSAGE_BYTES);
  }

  @Test
  void aTenantLeavesRoomForTheOthers() throws Exception {
    RawClient.Call first = half(ByteService.UNARY, "birds");
    RawClient.Call second = half(ByteService.CHAT, "birds");
    until(() -> budget.heldBytes() == 2 * HALF);

    assertThat(half(ByteService.UNARY, "birds").end())
        .startsWith("8 Messages of this tenant that are being sent hold ")
        .endsWith(" more, expected at most 2097152 for one tenant");
    assertThat(unary("ships", new byte[MESSAGE_BYTES])).hasSize(MESSAGE_BYTES);

    // What is half-way goes on.
    first.send(MESSAGE_BYTES - HALF);
    first.halfClose();
    assertThat(first.end()).startsWith("0 ");
    second.cancel();
  }

  @Test
  void anUploadHearsThatItWasEnded() throws Exception {
    RawClient.Call upload = raw.call("test.Bytes/Upload", "birds");
    upload.begin(MESSAGE_BYTES, MESSAGE_BYTES);
    until(() -> budget.heldBytes() == 0);
    budget.take("birds", budget.tenantBytesMax());
    upload.begin(MESSAGE_BYTES, 1);
    assertThat(upload.end()).startsWith("8 ").contains("for one tenant");
    assertThat(service.ends.poll(PATIENCE_SECONDS, TimeUnit.SECONDS))
        .isEqualTo("CANCELLED: client cancelled true");
    budget.giveBack("birds", budget.tenantBytesMax());
  }

  @Test
  void theEndOfACallDoesNotWaitForAClientThatReadsNothing() throws Exception {
    RawClient.Call chat = stuckChat();
    budget.take("birds", budget.tenantBytesMax());
    chat.begin(MESSAGE_BYTES_MAX, 1);
    // It is ended, but the client can't know, and goes on.
    chat.push(InboundCall.PASSED_OVER_BYTES_MAX + 1);
    assertThat(chat.end()).contains("reset");
    assertThat(service.ends.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).startsWith("CANCELLED");
    budget.giveBack("birds", budget.tenantBytesMax());
  }

  @Test
  void anEndThatCannotBeSentIsNotWaitedFor() throws Exception {
    RawClient.Call chat = stuckChat();
    chat.begin(MESSAGE_BYTES, HALF);
    until(() -> budget.heldBytes() == HALF);
    pass(Duration.ofSeconds(31));
    messages.look();
    assertThat(budget.heldBytes()).isEqualTo(HALF);
    messages.look();
    assertThat(chat.end()).contains("reset");
  }

  @Test
  void aMessageOfWhichNothingComesEndsItsCall() throws Exception {
    RawClient.Call unary = half(ByteService.UNARY, "birds");
    RawClient.Call chat = half(ByteService.CHAT, "birds");
    until(() -> budget.heldBytes() == 2 * HALF);
    pass(Duration.ofSeconds(30));
    messages.look();
    chat.send(1);
    until(() -> budget.heldBytes() == 2 * HALF + 1);
    pass(Duration.ofSeconds(1));
    messages.look();
    assertThat(unary.end()).isEqualTo("4 Nothing of the message came for 30 s");
    chat.send(MESSAGE_BYTES - HALF - 1);
    chat.halfClose();
    assertThat(chat.end()).startsWith("0 ");
  }

  @Test
  void theOnlyMessageOfACallIsWaitedForUntilThatIsSure() throws Exception {
    RawClient.Call unary = raw.call("test.Bytes/Unary", "birds");
    unary.begin(MESSAGE_BYTES, MESSAGE_BYTES);
    until(() -> budget.heldBytes() == MESSAGE_BYTES);
    pass(Duration.ofSeconds(31));
    messages.look();
    assertThat(unary.end()).startsWith("4 ");
  }

  @Test
  void aCallThatOwesNothingIsNotEnded() throws Exception {
    BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
    StreamObserver<byte[]> chat =
        ClientCalls.asyncBidiStreamingCall(
            of("birds").newCall(ByteService.CHAT, CallOptions.DEFAULT), into(answers));
    chat.onNext(new byte[] {1});
    assertThat(answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).containsExactly(1);
    var unary =
        ClientCalls.futureUnaryCall(
            of("birds").newCall(ByteService.HANGING, CallOptions.DEFAULT), new byte[HALF]);
    StreamObserver<byte[]> client = service.hanging.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    until(() -> budget.heldBytes() == 0);
    pass(Duration.ofHours(1));
    messages.look();
    client.onNext(new byte[] {2});
    client.onCompleted();
    assertThat(unary.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).containsExactly(2);
    chat.onNext(new byte[] {3});
    assertThat(answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).containsExactly(3);
    chat.onCompleted();
    assertThat(service.ends.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("completed");
  }

  @Test
  void crumbsCountAsMoreThanTheyAre() throws Exception {
    RawClient.Call call = raw.call("test.Bytes/Unary", "birds");
    call.begin(MESSAGE_BYTES, 1);
    // What comes before anybody asks for a message is one piece.
    until(() -> budget.heldBytes() == InboundCall.PIECE_BYTES_MIN);
    for (int i = 1; i < 100; i++) {
      call.send(1);
    }
    until(() -> budget.heldBytes() == 100 * InboundCall.PIECE_BYTES_MIN);
    call.send(MESSAGE_BYTES - 100);
    // No more than it has, once it is whole.
    until(() -> budget.heldBytes() == MESSAGE_BYTES);
    call.halfClose();
    assertThat(call.end()).startsWith("0 ");
  }

  @Test
  void aMessageThatIsTooLargeHoldsNothing() throws Exception {
    RawClient.Call call = raw.call("test.Bytes/Unary", "birds");
    call.begin(MESSAGE_BYTES_MAX + 1, 0);
    call.push(HALF);
    assertThat(call.end()).contains("8 gRPC message exceeds maximum size 4194304: 4194305");
    until(() -> budget.heldBytes() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"identity", "gzip"})
  void callsOfAllKindsGiveBackWhatTheyHeld(String compression) throws Exception {
    CallOptions options =
        "gzip".equals(compression)
            ? CallOptions.DEFAULT.withCompression("gzip")
            : CallOptions.DEFAULT;
    byte[] message = new byte[MESSAGE_BYTES / 2];
    new Random(7).nextBytes(message);
    assertThat(ClientCalls.blockingUnaryCall(of("birds"), ByteService.UNARY, options, message))
        .isEqualTo(message);
    Iterator<byte[]> list =
        ClientCalls.blockingServerStreamingCall(of("birds"), ByteService.LIST, options, message);
    assertThat(list).toIterable().containsExactly(message, message);

    BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
    StreamObserver<byte[]> upload =
        ClientCalls.asyncClientStreamingCall(
            of("birds").newCall(ByteService.UPLOAD, options), into(answers));
    StreamObserver<byte[]> chat =
        ClientCalls.asyncBidiStreamingCall(
            of("ships").newCall(ByteService.CHAT, options), into(answers));
    for (int i = 0; i < 20; i++) {
      // More than there is room for, one behind the other.
      upload.onNext(message);
    }
    upload.onCompleted();
    assertThat(answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).containsExactly(10);
    for (int i = 0; i < 20; i++) {
      chat.onNext(new byte[] {(byte) i});
    }
    chat.onCompleted();
    for (int i = 0; i < 20; i++) {
      assertThat(answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).containsExactly(i);
    }
  }

  /** A chat whose first answer is on its way to a client that doesn't take it. */
  private RawClient.Call stuckChat() throws Exception {
    RawClient.Call chat = raw.call("test.Bytes/Chat", "birds").readNothing();
    chat.begin(0, 0);
    // Before that an end would be sent: there would be nothing for it to wait behind.
    assertThat(service.answered.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isZero();
    return chat;
  }

  private RawClient.Call half(MethodDescriptor<?, ?> method, String tenant) throws Exception {
    RawClient.Call call = raw.call(method.getFullMethodName(), tenant);
    call.begin(MESSAGE_BYTES, 0);
    call.push(HALF);
    return call;
  }

  private byte[] unary(String tenant, byte[] message) {
    return ClientCalls.blockingUnaryCall(
        of(tenant), ByteService.UNARY, CallOptions.DEFAULT, message);
  }

  private Channel of(String tenant) {
    Metadata headers = new Metadata();
    headers.put(TenantInterceptor.HEADER, tenant);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private static StreamObserver<byte[]> into(BlockingQueue<byte[]> answers) {
    return new StreamObserver<>() {
      @Override
      public void onNext(byte[] answer) {
        answers.add(answer);
      }

      @Override
      public void onError(Throwable failure) {
        answers.add(String.valueOf(failure).getBytes());
      }

      @Override
      public void onCompleted() {}
    };
  }

  private static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      LockSupport.parkNanos(100_000);
    }
  }
}
