package io.trimtab.load;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What the command line asks for.
 *
 * @param http the server's HTTP address
 * @param grpc its gRPC address, {@code host:port}
 * @param model folder of the checkpoint that is served; its geometry is that of the random adapters
 * @param clients that ask at a time, each once the last is answered, from 1
 * @param warmup before anything is counted
 * @param measured after that
 * @param pause of a client between two calls, on average
 * @param tenants from 1
 * @param adapters of each tenant, from 0
 * @param tokens of an answer at most, from 1
 * @param json where the figures are written to as well
 * @param jtl where JMeter writes every sample to
 */
record LoadOptions(
    URI http,
    String grpc,
    Path model,
    int clients,
    Duration warmup,
    Duration measured,
    Duration pause,
    int tenants,
    int adapters,
    int tokens,
    Optional<Path> json,
    Optional<Path> jtl) {
  static final String USAGE =
      """
      Usage: bench/load/run [OPTION=VALUE...]
      Loads a running server with clients of many kinds: OpenAI's chat whole and streamed, gRPC, the
      Open Inference Protocol, feedback, and bad requests, of several tenants and adapters. Every answer
      at temperature 0 has to be the one that the server gave while nothing else was asked. Its adapters
      are random, which the server's governor takes away before long, unless it only advises:
      TRIMTAB_GOVERNOR_MODE=advise ./trimtab up

        --http=URL       the server (default: http://localhost:8080)
        --grpc=HOST:PORT its gRPC port (default: localhost:9000)
        --model=DIR      the served checkpoint's folder (default: the bundled model)
        --clients=N      at a time (default: 12)
        --warmup=S       seconds that are not counted (default: 10)
        --seconds=S      seconds that are (default: 60)
        --pause=MS       of a client between two calls, on average (default: 20)
        --tenants=N      (default: 3)
        --adapters=N     of each tenant, made for the run and deleted after it (default: 2)
        --tokens=N       of an answer at most (default: 24)
        --json=FILE      writes the figures there too
        --jtl=FILE       writes JMeter's samples there, for its own reports

      Exits with 0; with 1 when an answer was wrong, a bad request was not refused as it must be, or a call
      failed otherwise than by overload; with 2 when it can't begin.

      Examples:
        bench/load/run
        bench/load/run --clients=32 --seconds=300 --json=load.json
      """;

  LoadOptions {
    require("--clients", clients, 1, 10_000);
    require("--tenants", tenants, 1, 1_000);
    require("--adapters", adapters, 0, 1_000);
    require("--tokens", tokens, 1, 100_000);
    require("--seconds", measured.toSeconds(), 1, 86_400);
    require("--warmup", warmup.toSeconds(), 0, 86_400);
    require("--pause", pause.toMillis(), 0, 60_000);
  }

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException with what was expected and what came
   */
  static LoadOptions of(String... arguments) {
    Arguments given = Arguments.of(arguments);
    LoadOptions options =
        new LoadOptions(
            URI.create(given.take("--http").orElse("http://localhost:8080")),
            given.take("--grpc").orElse("localhost:9000"),
            Path.of(given.take("--model").orElse("src/main/resources/models/dinghy-llava")),
            given.number("--clients", 12),
            Duration.ofSeconds(given.number("--warmup", 10)),
            Duration.ofSeconds(given.number("--seconds", 60)),
            Duration.ofMillis(given.number("--pause", 20)),
            given.number("--tenants", 3),
            given.number("--adapters", 2),
            given.number("--tokens", 24),
            given.take("--json").map(Path::of),
            given.take("--jtl").map(Path::of));
    given.requireNone();
    return options;
  }

  private static void require(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s is %d, expected %d to %d".formatted(name, value, least, most));
    }
  }
}
