package io.trimtab.serving.finetuning;

import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.files.TrainingFiles;
import io.trimtab.adaptation.job.TuningDefaults;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adaptation.job.TuningScheduler;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.serving.http.HttpCaller;
import io.trimtab.serving.http.JsonBody;
import io.trimtab.serving.http.RequestBody;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/fine_tuning/jobs}: the tenant's tuning jobs, whatever began them, as OpenAI's clients
 * see jobs.
 */
@Path("/v1/fine_tuning/jobs")
@Produces(MediaType.APPLICATION_JSON)
public class JobResource {
  private static final int LIST_USUAL = 20;
  private static final int LIST_MAX = 100;

  private final TuningJobs jobs;
  private final FineTuning fineTuning;
  private final InferenceEngine engine;
  private final long seed;
  private final HttpCaller caller;

  @Inject
  JobResource(
      TuningJobs jobs,
      TrainingFiles files,
      ExampleStore examples,
      AdapterRegistry registry,
      FeedbackLimits feedbackLimits,
      TuningScheduler scheduler,
      TuningDefaults defaults,
      InferenceEngine engine,
      HttpCaller caller) {
    this.jobs = jobs;
    this.fineTuning =
        new FineTuning(
            files,
            new ChatFile(files.limits(), feedbackLimits),
            examples,
            registry,
            jobs,
            () -> engine.model().name(),
            scheduler.recipe().wireName(),
            scheduler::wake);
    this.engine = engine;
    this.seed = defaults.training().seed();
    this.caller = caller;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @NonBlocking
  public CompletionStage<Object> create(@Context RoutingContext call) {
    String tenant = caller.tenant();
    return RequestBody.use(
        call,
        tenant,
        body ->
            CompletableFuture.completedFuture(
                object(fineTuning.create(tenant, JobRequest.of(JsonBody.read(body))))));
  }

  @GET
  @RunOnVirtualThread
  public Object list(
      @QueryParam("after") @Nullable String after, @QueryParam("limit") @Nullable Integer limit) {
    Page.Size size = new Page.Size(limit, LIST_USUAL, LIST_MAX);
    jobs.refresh();
    List<TuningJob> rest = Page.behind(after, jobs.list(caller.tenant()), JobResource::id);
    return Page.of(rest, size, JobResource::id, this::object);
  }

  @GET
  @Path("{id}")
  @RunOnVirtualThread
  public Object retrieve(@PathParam("id") String id) {
    return object(job(id));
  }

  @POST
  @Path("{id}/cancel")
  @RunOnVirtualThread
  public Object cancel(@PathParam("id") String id) {
    return object(jobs.cancel(caller.tenant(), JobId.own(id)));
  }

  @GET
  @Path("{id}/events")
  @RunOnVirtualThread
  public Object events(
      @PathParam("id") String id,
      @QueryParam("after") @Nullable String after,
      @QueryParam("limit") @Nullable Integer limit) {
    Page.Size size = new Page.Size(limit, LIST_USUAL, LIST_MAX);
    List<TuningJob> versions = jobs.history(caller.tenant(), JobId.own(id));
    // After them: it must not be older than they are.
    TuningJob now = job(id);
    List<JobEvent> rest = JobEvents.behind(after, now, JobEvents.of(versions, now));
    return Page.of(rest, size, JobEvent::id, event -> event);
  }

  /** There are none to fetch: what a job makes is its revision. */
  @GET
  @Path("{id}/checkpoints")
  @RunOnVirtualThread
  public Object checkpoints(@PathParam("id") String id) {
    var _ = job(id);
    Page.Size size = new Page.Size(null, LIST_USUAL, LIST_MAX);
    return Page.of(List.<String>of(), size, each -> each, each -> each);
  }

  private static String id(TuningJob job) {
    return JobId.wire(job.id());
  }

  private TuningJob job(String id) {
    return jobs.get(caller.tenant(), JobId.own(id));
  }

  private JobObject object(TuningJob job) {
    return JobObject.of(
        job, jobs.order(job.id()), new JobObject.Server(engine.model().name(), seed));
  }
}
