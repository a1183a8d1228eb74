package io.trimtab.app;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.trimtab.adaptation.AdapterFollower;
import io.trimtab.adaptation.AdapterPublisher;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adaptation.gate.EvaluationSettings;
import io.trimtab.adaptation.gate.Evaluator;
import io.trimtab.adaptation.gate.Judge;
import io.trimtab.adaptation.gate.Judgement;
import io.trimtab.adaptation.job.TrainingThrottle;
import io.trimtab.adaptation.job.TriggerWatch;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adaptation.job.TuningScheduler;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.GateReport;
import io.trimtab.drift.WatchedClasses;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.TrimtabException;
import io.trimtab.events.Events;
import io.trimtab.serving.tracing.Tracing;
import io.trimtab.store.ObjectStore;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A server of one role without its edges: what Quarkus would wire is wired here by the same
 * classes, from settings given as {@code name=value} arguments. It is told on standard input and
 * answers each order with one line; {@link RolesTest} says what it expects. The gate evaluates as
 * ever; its verdict is PASSED whatever it found.
 */
final class RoleProcess {
  private final AdapterPublisher publisher;
  private final InferenceEngine engine;
  private final Events events;
  private final FeedbackWiring feedback;
  private final TrimtabConfig config;
  private final AdapterFollower follower;

  private RoleProcess(TrimtabConfig config) {
    this.config = config;
    AdapterWiring adapters = new AdapterWiring();
    this.feedback = new FeedbackWiring();
    TuningWiring tuning = new TuningWiring();
    ObjectStore store = adapters.store(config);
    AdapterLimits limits = adapters.limits(config);
    AdapterRegistry registry = adapters.registry(store, limits);
    this.engine = new ServedEngine().engine(config, registry, limits, WatchedClasses.builtIn());
    this.publisher =
        adapters.publisher(config, engine, store, registry, limits, adapters.uploadLimits(config));
    this.follower = adapters.follower(engine, registry);
    TenantPictures pictures = feedback.pictures(config, store);
    Predictions predictions = feedback.predictions(config, store, pictures);
    FeedbackLimits feedbackLimits = feedback.limits(config);
    ExampleStore examples =
        feedback.examples(store, registry, pictures, predictions, feedbackLimits);
    this.events = feedback.events(config, pictures);
    TuningJobs jobs =
        tuning.jobs(store, registry, () -> events, Tracing.off(), () -> tuning.process(config));
    TriggerWatch triggers = tuning.triggers(config, examples, jobs, registry);
    TrainingThrottle throttle = tuning.throttle(config, engine);
    TuningScheduler scheduler =
        tuning.scheduler(
            engine,
            examples,
            pictures,
            jobs,
            triggers,
            tuning.probes(config),
            tuning.trainer(config),
            throttle,
            lenient(
                tuning.judge(config, engine, new Evaluator(engine, EvaluationSettings.defaults()))),
            publisher,
            limits,
            tuning.defaults(config, engine),
            tuning.process(config));
    feedback.onStart(
        new StartupEvent(),
        events,
        registry,
        follower,
        predictions,
        examples,
        pictures,
        tuning.deletion(registry, jobs, examples, predictions));
    tuning.onStart(new StartupEvent(), config, events, examples, throttle, scheduler);
  }

  public static void main(String[] arguments) throws Exception {
    Map<String, String> settings = new HashMap<>();
    for (String argument : arguments) {
      String[] words = argument.split("=", 2);
      settings.put("trimtab." + words[0], words[1]);
    }
    RoleProcess role =
        new RoleProcess(
            new SmallRyeConfigBuilder()
                .withMapping(TrimtabConfig.class)
                .withSources(new PropertiesConfigSource(settings, "test", 1000))
                .build()
                .getConfigMapping(TrimtabConfig.class));
    say("ready");
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String order = orders.readLine(); order != null; order = orders.readLine()) {
      String[] words = order.split(" ");
      try {
        say(role.done(words[0], Integer.parseInt(words[1])));
      } catch (TrimtabException e) {
        say(e.code().name());
      } catch (CompletionException e) {
        say(e.getCause() instanceof TrimtabException t ? t.code().name() : e.toString());
      }
    }
    // Whoever gave the orders is gone.
    Runtime.getRuntime().halt(0);
  }

  private static void say(String line) {
    System.out.println("> " + line);
    System.out.flush();
  }

  private String done(String order, int number) {
    return switch (order) {
      case "submit" -> {
        var _ = events.feedbackLog().append(RolesTest.feedback(number)).join();
        yield "acknowledged";
      }
      case "activate" -> {
        var _ = publisher.activate(RolesTest.ADAPTER, Activation.of(number));
        yield "activated";
      }
      case "ask" -> Integer.toString(asked(number).revision());
      case "consumer" ->
          feedback
              .status(config, follower)
              .consumer()
              .map(state -> state.activity().name())
              .orElse("NONE");
      default -> throw new IllegalArgumentException(order);
    };
  }

  /** Asks the question of that correction under the adapter's name. */
  private ServedBy asked(int number) {
    CompletableFuture<ServedBy> answered = new CompletableFuture<>();
    var _ =
        engine.generate(
            new GenerationRequest(
                UUID.randomUUID().toString(),
                RolesTest.ADAPTER.tenant(),
                RolesTest.ADAPTER.name(),
                RolesTest.feedback(number).messages(),
                SamplingParameters.greedy(4),
                Optional.empty()),
            new GenerationListener() {
              private ServedBy servedBy = ServedBy.base("", "");

              @Override
              public void started(ServedBy by) {
                servedBy = by;
              }

              @Override
              public void delta(String text, List<TokenLogprob> logprobs) {}

              @Override
              public void finished(Completion completion) {
                answered.complete(servedBy);
              }

              @Override
              public void failed(TrimtabException reason) {
                answered.completeExceptionally(reason);
              }
            });
    return answered.join();
  }

  private static Judge lenient(Judge judge) {
    return (tenant, candidate, set, listener) -> {
      Judgement judged = judge.judge(tenant, candidate, set, listener);
      return new Judgement(
          1,
          new GateReport(GateReport.Verdict.PASSED, judged.report().checks()),
          judged.envelope());
    };
  }
}
