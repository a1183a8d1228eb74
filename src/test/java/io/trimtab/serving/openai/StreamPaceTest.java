package io.trimtab.serving.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.SamplingParameters.EndTokens;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Role;
import io.trimtab.v1.GenerateEvent;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import io.trimtab.v1.Sampling;
import jakarta.inject.Inject;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What a token costs from the engine alone, streamed over gRPC, and streamed over HTTP: eight
 * answers at a time, the three by turns, server and clients in one process. Prints figures and
 * judges none; {@code -Dstream.pace=true} runs it, {@code -Dtrimtab.model} names the model, {@code
 * -Dstream.tokens} and {@code -Dstream.rounds} make it shorter.
 */
@EnabledIfSystemProperty(named = "stream.pace", matches = "true")
@QuarkusTest
class StreamPaceTest {
  private static final int STREAMS = 8;
  private static final int TOKENS = Integer.getInteger("stream.tokens", 256);
  private static final int ROUNDS = Integer.getInteger("stream.rounds", 12);
  private static final int WARM_UP = 1 + ROUNDS / 4;
  private static final String QUESTION = "How many birds are there?";

  @TestHTTPResource("/")
  URI server;

  @ConfigProperty(name = "quarkus.grpc.server.test-port")
  int grpcPort;

  @Inject InferenceEngine engine;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @Test
  void measure() throws Exception {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("localhost", grpcPort).usePlaintext().build();
    List<double[]> alone = new ArrayList<>();
    List<double[]> overGrpc = new ArrayList<>();
    List<double[]> overHttp = new ArrayList<>();
    for (int i = 0; i < ROUNDS + WARM_UP; i++) {
      double[] direct = round(this::alone);
      double[] grpc = round(() -> grpc(channel));
      double[] http = round(this::http);
      if (i >= WARM_UP) {
        alone.add(direct);
        overGrpc.add(grpc);
        overHttp.add(http);
      }
    }
    channel.shutdownNow();
    print("engine", alone);
    print("gRPC", overGrpc);
    print("HTTP", overHttp);
  }

  private static void print(String name, List<double[]> rounds) {
    System.out.printf(
        "%s: median %.1f us a token by the clock, %.1f us of all cores' time%n",
        name, median(rounds, 0), median(rounds, 1));
  }

  private static double median(List<double[]> rounds, int figure) {
    double[] sorted = rounds.stream().mapToDouble(round -> round[figure]).sorted().toArray();
    assertThat(sorted).isNotEmpty();
    return Arrays.stream(sorted).skip(sorted.length / 2).findFirst().orElseThrow();
  }

  private static double[] round(Callable<Integer> stream) throws Exception {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = system.getProcessCpuTime();
    long start = System.nanoTime();
    int events = 0;
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < STREAMS; i++) {
        answers.add(clients.submit(stream));
      }
      for (Future<Integer> answer : answers) {
        events += answer.get();
      }
    }
    double tokens = STREAMS * TOKENS;
    assertThat(events).isGreaterThan(STREAMS);
    return new double[] {
      (System.nanoTime() - start) / 1e3 / tokens, (system.getProcessCpuTime() - cpu) / 1e3 / tokens
    };
  }

  private int alone() throws Exception {
    CompletableFuture<Integer> events = new CompletableFuture<>();
    AtomicInteger count = new AtomicInteger();
    var _ =
        engine.generate(
            new GenerationRequest(
                "pace",
                "default",
                "base",
                List.of(ChatMessage.text(Role.USER, QUESTION)),
                greedyToTheEnd(),
                Optional.empty()),
            new GenerationListener() {
              @Override
              public void started(ServedBy servedBy) {}

              @Override
              public void delta(String text, List<TokenLogprob> logprobs) {
                count.incrementAndGet();
              }

              @Override
              public void finished(Completion completion) {
                events.complete(count.get());
              }

              @Override
              public void failed(TrimtabException reason) {
                events.completeExceptionally(reason);
              }
            });
    return events.get();
  }

  private static SamplingParameters greedyToTheEnd() {
    return new SamplingParameters(
        TOKENS,
        0,
        1,
        0,
        0,
        1,
        0,
        0,
        Map.of(),
        OptionalLong.empty(),
        List.of(),
        List.of(),
        0,
        EndTokens.IGNORE,
        0);
  }

  private static int grpc(ManagedChannel channel) {
    Iterator<GenerateEvent> events =
        InferenceGrpc.newBlockingStub(channel)
            .generate(
                GenerateRequest.newBuilder()
                    .setAdapter("base")
                    .addMessages(
                        Message.newBuilder()
                            .setRole("user")
                            .addParts(Part.newBuilder().setText(QUESTION)))
                    .setSampling(Sampling.newBuilder().setMaxTokens(TOKENS).setIgnoreEos(true))
                    .build());
    int count = 0;
    while (events.hasNext()) {
      events.next();
      count++;
    }
    return count;
  }

  private int http() throws Exception {
    String body =
        """
        {"model": "base", "stream": true, "temperature": 0, "max_tokens": %d, "ignore_eos": true,
         "messages": [{"role": "user", "content": "%s"}]}
        """
            .formatted(TOKENS, QUESTION);
    HttpRequest request =
        HttpRequest.newBuilder(server.resolve(RawHttp.CHAT))
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    return (int)
        http.send(request, BodyHandlers.ofLines())
            .body()
            .filter(line -> line.startsWith("data:"))
            .count();
  }
}
