package io.trimtab.serving.tuning;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.trimtab.adaptation.UploadLimits;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.TriggerReason;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adaptation.job.TuningScheduler;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.adapters.AdapterReader;
import io.trimtab.serving.grpc.AdmittedCalls;
import io.trimtab.serving.grpc.Caller;
import io.trimtab.serving.grpc.ClientPace;
import io.trimtab.serving.grpc.StatusMapping;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.v1.ListTuningJobsRequest;
import io.trimtab.v1.ListTuningJobsResponse;
import io.trimtab.v1.StartTuningRequest;
import io.trimtab.v1.TuningGrpc;
import io.trimtab.v1.TuningJobRef;
import jakarta.inject.Inject;
import java.util.List;
import java.util.concurrent.Executor;

/** {@code trimtab.v1.Tuning}: jobs, started by hand and looked at. Work is on virtual threads. */
@GrpcService
public class TuningService extends TuningGrpc.TuningImplBase {
  private final TuningJobs jobs;
  private final ExampleStore examples;
  private final AdapterRegistry registry;
  private final Recipe recipe;
  private final Runnable wake;
  private final UploadLimits pace;
  private final OpenCalls openCalls;
  private final AdmittedCalls calls;
  private final Executor working = Thread::startVirtualThread;

  @Inject
  public TuningService(
      TuningJobs jobs,
      ExampleStore examples,
      AdapterRegistry registry,
      TuningScheduler scheduler,
      UploadLimits pace,
      OpenCalls openCalls) {
    this(jobs, examples, registry, scheduler.recipe(), scheduler::wake, pace, openCalls);
  }

  /**
   * @param recipe of jobs that name none
   * @param wake tells a tuner in this process, if there is one, that a job waits
   */
  public TuningService(
      TuningJobs jobs,
      ExampleStore examples,
      AdapterRegistry registry,
      Recipe recipe,
      Runnable wake,
      UploadLimits pace,
      OpenCalls openCalls) {
    this.jobs = jobs;
    this.examples = examples;
    this.registry = registry;
    this.recipe = recipe;
    this.wake = wake;
    this.pace = pace;
    this.openCalls = openCalls;
    this.calls = new AdmittedCalls(openCalls);
  }

  @Override
  public void start(StartTuningRequest request, StreamObserver<io.trimtab.v1.TuningJob> observer) {
    calls.answer(observer, caller -> TuningWriter.job(started(caller.tenant(), request)));
  }

  private TuningJob started(String tenant, StartTuningRequest request) {
    AdapterId adapter = AdapterReader.id(tenant, request.getAdapter());
    Recipe wanted = request.getRecipe().isEmpty() ? recipe : Recipe.of(request.getRecipe());
    if (!wanted.isServed()) {
      throw TrimtabException.invalid(
          "The recipe '%s' forgets too much to serve with and is for the study alone, expected one"
                  .formatted(wanted.wireName())
              + " of sa-proj, sa-qkv, gate-up, projector");
    }
    var _ = registry.get(adapter);
    examples.refresh();
    if (examples.counts(adapter).usable() == 0) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "There is no correction to train on for the adapter '%s'".formatted(adapter.name()));
    }
    TuningJob job = jobs.start(adapter, wanted.wireName(), TriggerReason.MANUAL);
    wake.run();
    return job;
  }

  @Override
  public void get(TuningJobRef request, StreamObserver<io.trimtab.v1.TuningJob> observer) {
    calls.answer(
        observer, caller -> TuningWriter.job(jobs.get(caller.tenant(), request.getJobId())));
  }

  @Override
  public void list(ListTuningJobsRequest request, StreamObserver<ListTuningJobsResponse> observer) {
    calls.answer(
        observer, caller -> TuningWriter.list(list(caller.tenant(), request.getAdapter())));
  }

  /** Of one adapter, or where none is named of all. */
  private List<TuningJob> list(String tenant, String adapter) {
    jobs.refresh();
    if (adapter.isEmpty()) {
      return jobs.list(tenant);
    }
    AdapterId id = AdapterReader.id(tenant, adapter);
    return jobs.list(tenant).stream().filter(job -> job.adapter().equals(id)).toList();
  }

  @Override
  public void cancel(TuningJobRef request, StreamObserver<io.trimtab.v1.TuningJob> observer) {
    calls.answer(
        observer, caller -> TuningWriter.job(jobs.cancel(caller.tenant(), request.getJobId())));
  }

  @Override
  public void watch(TuningJobRef request, StreamObserver<io.trimtab.v1.TuningJob> observer) {
    ServerCallStreamObserver<io.trimtab.v1.TuningJob> client =
        (ServerCallStreamObserver<io.trimtab.v1.TuningJob>) observer;
    ClientPace clientPace = new ClientPace(client, pace.stallMax());
    client.setOnReadyHandler(clientPace::changed);
    client.setOnCancelHandler(clientPace::changed);
    JobWatch watch =
        new JobWatch(
            client, clientPace, openCalls, jobs, Caller.current().tenant(), request.getJobId());
    try {
      watch.begin();
    } catch (TrimtabException refusal) {
      client.onError(StatusMapping.toError(refusal));
      return;
    }
    working.execute(watch::run);
  }
}
