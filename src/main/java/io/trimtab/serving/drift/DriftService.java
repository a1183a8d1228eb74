package io.trimtab.serving.drift;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.trimtab.adaptation.UploadLimits;
import io.trimtab.adaptation.governor.GovernorEvent;
import io.trimtab.adaptation.governor.GovernorHistory;
import io.trimtab.adaptation.governor.GovernorWatchers;
import io.trimtab.adaptation.governor.ProbeWatch;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.Subscriber;
import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.ShadowedGenerator;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.adapters.AdapterReader;
import io.trimtab.serving.grpc.AdmittedCalls;
import io.trimtab.serving.grpc.Caller;
import io.trimtab.serving.grpc.WatchCall;
import io.trimtab.v1.DriftGrpc;
import io.trimtab.v1.DriftReport;
import io.trimtab.v1.DriftReportRequest;
import io.trimtab.v1.DriftSignal;
import jakarta.inject.Inject;
import java.util.Optional;

/** {@code trimtab.v1.Drift}: how revisions stand, and what is done about it as it happens. */
@GrpcService
public class DriftService extends DriftGrpc.DriftImplBase {
  /** Most events that wait for a client. */
  static final int WATCH_EVENTS_MAX = 1024;

  private final DriftReports reports;
  private final GovernorWatchers watchers;
  private final AdapterRegistry registry;
  private final UploadLimits pace;
  private final OpenCalls openCalls;
  private final AdmittedCalls calls;

  @Inject
  DriftService(
      AdapterRegistry registry,
      DriftWatch watch,
      GovernorHistory history,
      GovernorWatchers watchers,
      ProbeWatch probes,
      ShadowedGenerator shadowed,
      UploadLimits pace,
      OpenCalls openCalls) {
    this(
        new DriftReports(registry, watch, history, probes, shadowed::statistics, shadowed.share()),
        watchers,
        registry,
        pace,
        openCalls);
  }

  DriftService(
      DriftReports reports,
      GovernorWatchers watchers,
      AdapterRegistry registry,
      UploadLimits pace,
      OpenCalls openCalls) {
    this.reports = reports;
    this.watchers = watchers;
    this.registry = registry;
    this.pace = pace;
    this.openCalls = openCalls;
    this.calls = new AdmittedCalls(openCalls);
  }

  @Override
  public void report(DriftReportRequest request, StreamObserver<DriftReport> observer) {
    calls.answer(
        observer, caller -> reports.of(AdapterReader.id(caller.tenant(), request.getAdapter())));
  }

  @Override
  public void watch(DriftReportRequest request, StreamObserver<DriftSignal> observer) {
    String tenant = Caller.current().tenant();
    WatchCall.begin(
        (ServerCallStreamObserver<DriftSignal>) observer,
        pace.stallMax(),
        openCalls,
        DriftWriter::event,
        call ->
            watchers.watch(
                tenant,
                WATCH_EVENTS_MAX,
                only(tenant, request.getAdapter()).map(id -> chosen(id, call)).orElse(call)));
  }

  /** The adapter that is asked for, which must be there; empty for all of them. */
  private Optional<AdapterId> only(String tenant, String adapter) {
    if (adapter.isEmpty()) {
      return Optional.empty();
    }
    AdapterId id = AdapterReader.id(tenant, adapter);
    var _ = registry.get(id);
    return Optional.of(id);
  }

  private static Subscriber<GovernorEvent> chosen(
      AdapterId id, Subscriber<GovernorEvent> subscriber) {
    return new Subscriber<>() {
      @Override
      public void changed(GovernorEvent event) {
        if (event.signal().served().id().equals(id)) {
          subscriber.changed(event);
        }
      }

      @Override
      public void ended(TrimtabException reason) {
        subscriber.ended(reason);
      }
    };
  }
}
