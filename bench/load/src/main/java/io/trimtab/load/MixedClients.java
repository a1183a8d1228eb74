package io.trimtab.load;

import static us.abstracta.jmeter.javadsl.JmeterDsl.httpDefaults;
import static us.abstracta.jmeter.javadsl.JmeterDsl.httpSampler;
import static us.abstracta.jmeter.javadsl.JmeterDsl.jsr223PostProcessor;
import static us.abstracta.jmeter.javadsl.JmeterDsl.jsr223PreProcessor;
import static us.abstracta.jmeter.javadsl.JmeterDsl.jsr223Sampler;
import static us.abstracta.jmeter.javadsl.JmeterDsl.jtlWriter;
import static us.abstracta.jmeter.javadsl.JmeterDsl.testPlan;
import static us.abstracta.jmeter.javadsl.JmeterDsl.threadGroup;
import static us.abstracta.jmeter.javadsl.JmeterDsl.uniformRandomTimer;
import static us.abstracta.jmeter.javadsl.JmeterDsl.weightedSwitchController;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.http.entity.ContentType;
import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.threads.JMeterVariables;
import us.abstracta.jmeter.javadsl.core.DslTestPlan.TestPlanChild;
import us.abstracta.jmeter.javadsl.core.controllers.DslWeightedSwitchController;
import us.abstracta.jmeter.javadsl.core.preprocessors.DslJsr223PreProcessor.PreProcessorVars;
import us.abstracta.jmeter.javadsl.core.samplers.DslSampler;
import us.abstracta.jmeter.javadsl.core.threadgroups.BaseThreadGroup.ThreadGroupChild;

/**
 * JMeter's plan of a load: so many clients, each of which makes one call after the other, of a kind
 * drawn by its share.
 */
final class MixedClients {
  private static final String TARGET = "target";
  private static final String BAD = "bad";
  private static final String VERDICT = "verdict";
  private static final String CHAT = "/v1/chat/completions";

  private final LoadOptions options;
  private final Targets targets;
  private final GrpcCalls grpc;
  private final ChatStreams streams;
  private final Feedback feedback;

  MixedClients(
      LoadOptions options,
      Targets targets,
      GrpcCalls grpc,
      ChatStreams streams,
      Feedback feedback) {
    this.options = options;
    this.targets = targets;
    this.grpc = grpc;
    this.streams = streams;
    this.feedback = feedback;
  }

  /** Runs to its end. */
  Tally run() throws IOException {
    Tally tally = new Tally();
    long counted = System.currentTimeMillis() + options.warmup().toMillis();
    URI http = options.http();
    List<TestPlanChild> plan = new ArrayList<>();
    plan.add(
        httpDefaults()
            .protocol(http.getScheme())
            .host(http.getHost())
            .port(port(http))
            .resetConnectionsBetweenIterations(false));
    List<ThreadGroupChild> client = new ArrayList<>();
    if (options.pause().isPositive()) {
      client.add(uniformRandomTimer(Duration.ZERO, options.pause().multipliedBy(2)));
    }
    client.add(jsr223PreProcessor(s -> s.vars.putObject(TARGET, targets.any())));
    client.add(kinds());
    client.add(jsr223PostProcessor(s -> count(tally, counted, s.prev, s.vars)));
    plan.add(
        threadGroup(
            "clients",
            options.clients(),
            options.warmup().plus(options.measured()),
            client.toArray(ThreadGroupChild[]::new)));
    options
        .jtl()
        .map(Path::toString)
        .ifPresent(file -> plan.add(jtlWriter(parent(file), name(file))));
    var _ = testPlan(plan.toArray(TestPlanChild[]::new)).run();
    return tally;
  }

  private static int port(URI http) {
    if (http.getPort() >= 0) {
      return http.getPort();
    }
    return "https".equals(http.getScheme()) ? 443 : 80;
  }

  private DslWeightedSwitchController kinds() {
    DslWeightedSwitchController kinds = weightedSwitchController().randomChoice(true);
    for (Kind kind : Kind.values()) {
      kinds.child(kind.percent(), sampler(kind));
    }
    return kinds;
  }

  private DslSampler sampler(Kind kind) {
    return switch (kind) {
      case CHAT -> post(kind, CHAT, ChatMessages::whole);
      case CHAT_STREAM -> calling(kind, streams::ask);
      case GENERATE -> calling(kind, grpc::generate);
      case INFER -> calling(kind, grpc::infer);
      case FEEDBACK -> post(kind, "/v1/feedback", feedback::body);
      case BAD_HTTP ->
          httpSampler(kind.label(), CHAT)
              .post(
                  s -> {
                    BadHttp bad = BadHttp.any();
                    s.vars.putObject(BAD, bad);
                    return bad.body();
                  },
                  ContentType.APPLICATION_JSON)
              .header("x-tenant", s -> target(s.vars).tenant());
      case BAD_GRPC ->
          jsr223Sampler(
              kind.label(),
              s -> {
                BadGrpc bad = BadGrpc.any();
                Reply reply = bad.ask(grpc, target(s.vars));
                end(s.sampleResult, s.vars, Verdict.ofCode(bad.what(), bad.status(), reply), reply);
              });
    };
  }

  /** A request that JMeter itself makes, over HTTP/1.1. */
  private static DslSampler post(Kind kind, String path, Function<Target, String> body) {
    return httpSampler(kind.label(), path)
        .post((PreProcessorVars s) -> body.apply(target(s.vars)), ContentType.APPLICATION_JSON)
        .header("x-tenant", s -> target(s.vars).tenant());
  }

  /** A call that a client of its own makes. */
  private static DslSampler calling(Kind kind, BiFunction<Target, Runnable, Reply> call) {
    return jsr223Sampler(
        kind.label(),
        s -> {
          Target target = target(s.vars);
          Reply reply = call.apply(target, s.sampleResult::latencyEnd);
          end(s.sampleResult, s.vars, Verdict.ofAnswer(target, reply), reply);
        });
  }

  private static void end(SampleResult result, JMeterVariables vars, Verdict verdict, Reply reply) {
    result.setResponseCode(reply.code());
    result.setResponseMessage(verdict instanceof Verdict.Right ? "" : reply.text());
    vars.putObject(VERDICT, verdict);
  }

  private static void count(Tally tally, long counted, SampleResult sample, JMeterVariables vars) {
    Kind kind = Kind.of(sample.getSampleLabel());
    Verdict verdict =
        switch (kind) {
          case CHAT ->
              Verdict.ofAnswer(
                  target(vars),
                  new Reply(
                      sample.getResponseCode(),
                      ChatMessages.text(sample.getResponseDataAsString())));
          case FEEDBACK -> Verdict.ofCode("feedback", "202", reply(sample));
          case BAD_HTTP -> {
            BadHttp bad = (BadHttp) vars.getObject(BAD);
            yield Verdict.ofCode(bad.what(), bad.status(), reply(sample));
          }
          case CHAT_STREAM, GENERATE, INFER, BAD_GRPC -> (Verdict) vars.getObject(VERDICT);
        };
    // For JMeter's own reports.
    sample.setSuccessful(verdict instanceof Verdict.Right);
    if (sample.getStartTime() < counted) {
      tally.addUncounted(kind, verdict);
    } else {
      tally.add(kind, verdict, sample.getLatency(), sample.getTime());
    }
  }

  private static Reply reply(SampleResult sample) {
    return new Reply(sample.getResponseCode(), sample.getResponseDataAsString());
  }

  private static Target target(JMeterVariables vars) {
    return (Target) vars.getObject(TARGET);
  }

  private static String parent(String file) {
    Path folder = Path.of(file).toAbsolutePath().getParent();
    return folder == null ? "." : folder.toString();
  }

  private static String name(String file) {
    return Path.of(file).getFileName().toString();
  }
}
