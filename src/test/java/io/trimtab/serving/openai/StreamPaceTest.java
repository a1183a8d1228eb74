package io.trimtab.serving.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.trimtab.v1.GenerateEvent;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import io.trimtab.v1.Sampling;
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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What a streamed token costs over HTTP and over gRPC: eight answers at a time, the two by turns,
 * server and clients in one process. Prints figures and judges none; {@code -Dstream.pace=true}
 * runs it.
 */
@EnabledIfSystemProperty(named = "stream.pace", matches = "true")
@QuarkusTest
class StreamPaceTest {
  private static final int STREAMS = 8;
  private static final int TOKENS = 256;
  private static final int ROUNDS = 12;
  private static final int WARM_UP = 4;

  @TestHTTPResource("/")
  URI server;

  @ConfigProperty(name = "quarkus.grpc.server.test-port")
  int grpcPort;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @Test
  void measure() throws Exception {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("localhost", grpcPort).usePlaintext().build();
    List<double[]> overGrpc = new ArrayList<>();
    List<double[]> overHttp = new ArrayList<>();
    for (int i = 0; i < ROUNDS + WARM_UP; i++) {
      double[] grpc = round(() -> grpc(channel));
      double[] http = round(this::http);
      if (i >= WARM_UP) {
        overGrpc.add(grpc);
        overHttp.add(http);
      }
    }
    channel.shutdownNow();
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

  private static int grpc(ManagedChannel channel) {
    Iterator<GenerateEvent> events =
        InferenceGrpc.newBlockingStub(channel)
            .generate(
                GenerateRequest.newBuilder()
                    .setAdapter("base")
                    .addMessages(
                        Message.newBuilder()
                            .setRole("user")
                            .addParts(Part.newBuilder().setText("How many birds are there?")))
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
         "messages": [{"role": "user", "content": "How many birds are there?"}]}
        """
            .formatted(TOKENS);
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
