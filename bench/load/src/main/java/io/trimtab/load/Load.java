package io.trimtab.load;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Arrays;

/** The command {@code bench/load/run}. */
public final class Load {
  private static final int SOUND = 0;
  private static final int UNSOUND = 1;
  private static final int UNABLE = 2;

  private Load() {}

  public static void main(String... arguments) throws InterruptedException {
    // JMeter's engine leaves threads behind.
    System.exit(run(arguments));
  }

  private static int run(String... arguments) throws InterruptedException {
    if (Arrays.asList(arguments).contains("--help")) {
      System.out.print(LoadOptions.USAGE);
      return SOUND;
    }
    try {
      return run(LoadOptions.of(arguments)) ? SOUND : UNSOUND;
    } catch (IllegalArgumentException | IOException | StatusRuntimeException e) {
      System.err.println("load: " + e.getMessage());
      return UNABLE;
    }
  }

  private static boolean run(LoadOptions options) throws IOException, InterruptedException {
    String run = Long.toHexString(System.currentTimeMillis());
    try (GrpcCalls grpc = new GrpcCalls(options.grpc());
        ChatStreams streams = new ChatStreams(options.http());
        Adapters adapters = new Adapters(grpc)) {
      Targets targets = Targets.prepare(options, run, grpc, adapters);
      System.out.printf(
          "%d clients for %d s after %d s, %d tenants, %d adapters each; %d questions, %d different answers%n%n",
          options.clients(),
          options.measured().toSeconds(),
          options.warmup().toSeconds(),
          options.tenants(),
          options.adapters(),
          targets.all().size(),
          targets.different());
      Tally tally = new MixedClients(options, targets, grpc, streams, new Feedback()).run();
      Report report = new Report(tally, options.measured());
      report.lines().forEach(System.out::println);
      if (options.json().isPresent()) {
        report.write(options.json().get());
      }
      return tally.isSound();
    }
  }
}
