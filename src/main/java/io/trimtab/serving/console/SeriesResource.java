package io.trimtab.serving.console;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.drift.MetricName;
import io.trimtab.serving.http.HttpCaller;
import io.trimtab.serving.metrics.Figures;
import io.trimtab.serving.metrics.LiveFigures;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** Series for the charts. */
@Path("/console/api/series")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class SeriesResource {
  private final LiveFigures figures;
  private final ConsoleHistory history;
  private final TuningJobs jobs;
  private final AdapterRegistry registry;
  private final HttpCaller caller;

  @Inject
  SeriesResource(
      LiveFigures figures,
      ConsoleHistory history,
      TuningJobs jobs,
      AdapterRegistry registry,
      HttpCaller caller) {
    this.figures = figures;
    this.history = history;
    this.jobs = jobs;
    this.registry = registry;
    this.caller = caller;
  }

  /** A drift detector at a moment: figures over their thresholds, 1 is the alarm. */
  public record Standing(String name, String direction, double evidence, double warning) {}

  /** A served revision at a moment. */
  public record DriftPoint(
      long time, int revision, float scale, long answers, List<Standing> metrics) {}

  /** The latest ten minutes of the server, oldest first. */
  @GET
  @Path("figures")
  public List<Figures> figures() {
    return figures.list();
  }

  /** Losses of one of the tenant's jobs. */
  @GET
  @Path("losses/{job}")
  public List<LossCurves.Point> losses(@PathParam("job") String job) {
    return history.losses(jobs.get(caller.tenant(), job));
  }

  /** How one of the tenant's adapters drifted lately. */
  @GET
  @Path("drift/{adapter}")
  public List<DriftPoint> drift(@PathParam("adapter") String adapter) {
    if (!AdapterId.isName(adapter)) {
      throw TrimtabException.invalid("adapter is none, expected " + AdapterId.SYNTAX);
    }
    AdapterId id = new AdapterId(caller.tenant(), adapter);
    var _ = registry.get(id);
    return history.drift(id).stream()
        .map(
            point ->
                new DriftPoint(
                    point.time(),
                    point.revision(),
                    point.scale(),
                    point.answers(),
                    point.metrics().stream().map(SeriesResource::standing).toList()))
        .toList();
  }

  private static Standing standing(DriftSeries.Standing each) {
    MetricName name = MetricName.of(each.key());
    return new Standing(name.name(), name.direction(), each.evidence(), each.warning());
  }
}
