package io.trimtab.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** All that is asked: every question to base and to each adapter, of every tenant. Any thread. */
record Targets(List<Target> all) {
  Targets {
    all = List.copyOf(all);
  }

  /**
   * Uploads the adapters, and asks each question once while nothing else is asked.
   *
   * @param run tells the names of this run from those of others
   */
  static Targets prepare(LoadOptions options, String run, GrpcCalls grpc, Adapters adapters)
      throws IOException, InterruptedException {
    List<Target> all = new ArrayList<>();
    for (int i = 0; i < options.tenants(); i++) {
      String tenant = "load-" + i;
      List<String> models = new ArrayList<>(List.of("base"));
      for (int j = 0; j < options.adapters(); j++) {
        RandomDelta delta = RandomDelta.of(options.model(), i * 1_000L + j);
        models.add(adapters.upload(tenant, "load-%s-%d".formatted(run, j), delta).revision());
      }
      for (String model : models) {
        for (Question question : Question.ALL) {
          Target asked = new Target(tenant, model, question, options.tokens(), "");
          all.add(new Target(tenant, model, question, options.tokens(), grpc.complete(asked)));
        }
      }
    }
    return new Targets(all);
  }

  Target any() {
    return all.get(ThreadLocalRandom.current().nextInt(all.size()));
  }

  /** Answers that differ from each other. */
  long different() {
    return all.stream().map(Target::answer).distinct().count();
  }
}
