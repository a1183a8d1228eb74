package io.trimtab.serving.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.trimtab.adaptation.governor.ProbeFailure;
import io.trimtab.adaptation.governor.ProbeRun;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.GateReport;
import io.trimtab.drift.Served;
import io.trimtab.serving.RunningAdapters;
import io.trimtab.serving.drift.HandFedDrift.Gate;
import io.trimtab.testing.AdapterBench;
import io.trimtab.v1.DriftLevel;
import io.trimtab.v1.DriftMetric;
import io.trimtab.v1.DriftReference;
import io.trimtab.v1.DriftReport;
import io.trimtab.v1.DriftReportRequest;
import io.trimtab.v1.DriftSignal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class DriftServiceTest {
  private static final AdapterId BIRDS = new AdapterId("t", "birds");
  private static final AdapterId WILD = new AdapterId("t", "wild");

  @TempDir private Path folder;
  private RunningAdapters server;

  @BeforeEach
  void start() throws Exception {
    server = RunningAdapters.start(AdapterBench.open(folder));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void anAdapterServedByBaseSaysSo() {
    var _ = server.bench().registry().create(BIRDS);
    DriftReport report = report("birds");
    assertThat(report.getAdapter()).isEqualTo("birds");
    assertThat(report.getRevision()).isZero();
    assertThat(report.getLevel()).isEqualTo(DriftLevel.DRIFT_LEVEL_STABLE);
    assertThat(report.getReference()).isEqualTo(DriftReference.DRIFT_REFERENCE_UNSPECIFIED);
    assertThat(report.getAnswersRead()).isZero();
    assertThat(report.getMetricsList()).isEmpty();
    assertThat(report.hasCanaryReport()).isFalse();
  }

  @Test
  void whatNobodyHasReadIsStableAndSaysWhatItWouldBeHeldAgainst() {
    server.drift().serve(BIRDS, Gate.SEEN, 100);
    server.drift().serve(WILD, Gate.UNSEEN, 100);
    assertThat(report("birds").getRevision()).isEqualTo(1);
    assertThat(report("birds").getAnswersRead()).isZero();
    assertThat(report("birds").getReference()).isEqualTo(DriftReference.DRIFT_REFERENCE_ENVELOPE);
    assertThat(report("wild").getReference()).isEqualTo(DriftReference.DRIFT_REFERENCE_BASE);
    assertThat(report("wild").hasProbed()).isFalse();
  }

  @Test
  void aReportHasTheFiguresOfBothDetectorsInBothDirections() throws Exception {
    Served birds = server.drift().serve(BIRDS, Gate.SEEN, 100);
    // One answer is too few for a change of level, whatever it says.
    server.drift().answered(birds, 1, 0.5);
    server.drift().repeated(birds);
    DriftReport report = report("birds");
    assertThat(report.getLevel()).isEqualTo(DriftLevel.DRIFT_LEVEL_STABLE);
    assertThat(report.getScale()).isEqualTo(1);
    assertThat(report.getAnswersRead()).isEqualTo(1);
    assertThat(report.getAnswersRepeated()).isEqualTo(1);
    assertThat(report.getTokensObserved()).isEqualTo(3);
    assertThat(report.getMetricsList())
        .extracting(each -> each.getName() + " " + each.getDirection())
        .containsExactly(
            "number_token_bias more",
            "number_token_bias less",
            "yes_no_bias more",
            "yes_no_bias less",
            "refusal_bias more",
            "refusal_bias less",
            "silence_bias more",
            "silence_bias less",
            "length_bias more",
            "length_bias less",
            "kl_to_base more",
            "disagreement more",
            "prompt_surprise more");
    DriftMetric numbers = report.getMetrics(0);
    assertThat(numbers.getBase()).isZero();
    assertThat(numbers.getTuned()).isEqualTo(0.5);
    assertThat(numbers.getStatistic()).isPositive();
    assertThat(numbers.getThreshold()).isGreaterThan(numbers.getStatistic());
    assertThat(numbers.getWarningStatistic()).isPositive();
    assertThat(numbers.getWarningThreshold()).isPositive();
    assertThat(numbers.getExcess()).isPositive();
    assertThat(report.getShadow().getShare()).isEqualTo(0.1);
    assertThat(report.getShadow().getChosen()).isEqualTo(20);
    assertThat(report.getShadow().getRead()).isEqualTo(15);
    assertThat(report.getShadow().getLeftOut()).isEqualTo(4);
    assertThat(report.getShadow().getFailed()).isEqualTo(1);
  }

  @Test
  void whatDriftsIsReportedWithWhatWasDoneAndTheCanaryBesideIt() throws Exception {
    Served birds = server.drift().serve(BIRDS, Gate.SEEN, 100);
    Served canary = server.drift().serve(BIRDS, Gate.UNSEEN, 10);
    server.drift().answered(canary, 1, 0.01);
    server.drift().answered(birds, 40, 0.3);
    DriftReport report = report("birds");
    assertThat(report.getRevision()).isEqualTo(1);
    assertThat(report.getScale()).isEqualTo(0.7f);
    assertThat(report.getAnswersRead()).as("at the new scale").isZero();
    DriftReport besides = report.getCanaryReport();
    assertThat(besides.getCanary()).isTrue();
    assertThat(besides.getRevision()).isEqualTo(2);
    assertThat(besides.getAnswersRead()).isEqualTo(1);
    assertThat(besides.getReference()).isEqualTo(DriftReference.DRIFT_REFERENCE_BASE);
    assertThat(report.getEventsList()).extracting(DriftSignal::getAction).contains("damp");
    DriftSignal damped =
        report.getEventsList().stream()
            .filter(event -> event.getAction().equals("damp"))
            .findFirst()
            .orElseThrow();
    assertThat(damped.getAdapter()).isEqualTo("birds");
    assertThat(damped.getRevision()).isEqualTo(1);
    assertThat(damped.getScale()).isEqualTo(1);
    assertThat(damped.getMetric()).isEqualTo("number_token_bias");
    assertThat(damped.getDirection()).isEqualTo("more");
    assertThat(damped.getLevel()).isEqualTo(DriftLevel.DRIFT_LEVEL_DRIFT);
    assertThat(damped.getStatistic()).isGreaterThanOrEqualTo(damped.getThreshold());
    assertThat(damped.getExcess()).isPositive();
    assertThat(damped.getCause()).isEqualTo("model");
    assertThat(damped.getAnswersRead()).isPositive();
    assertThat(damped.getDetail()).contains("envelope");
    assertThat(damped.getOutcome()).isEqualTo("done");
    assertThat(damped.getVersion()).isPositive();
    assertThat(damped.getReason()).contains("numbers_bias");
    assertThat(damped.getTime().getSeconds()).isEqualTo(HandFedDrift.NOW.getEpochSecond());
    assertThat(damped.getActed().getSeconds()).isEqualTo(HandFedDrift.NOW.getEpochSecond());
  }

  @Test
  void aReportHasTheNewest64EventsOldestFirst() throws Exception {
    Served birds = server.drift().serve(BIRDS, Gate.SEEN, 100);
    server.drift().flapped(birds, 100);
    assertThat(report("birds").getEventsList())
        .extracting(DriftSignal::getStatistic)
        .hasSize(64)
        .startsWith(36.0, 37.0)
        .endsWith(98.0, 99.0);
  }

  @Test
  void theLatestProbesAreReportedAndARunThatFailedIsNot() {
    Served birds = server.drift().serve(BIRDS, Gate.SEEN, 100);
    GateReport refused =
        new GateReport(
            GateReport.Verdict.REFUSED,
            List.of(
                new GateReport.Check(
                    "forgetting", 0.2, 0.05, GateReport.Verdict.REFUSED, "too much")));
    server.drift().probed(new ProbeRun(HandFedDrift.NOW, birds, List.of(), refused));
    assertThat(report("birds").hasProbed()).isFalse();
    server
        .drift()
        .probed(
            new ProbeRun(
                HandFedDrift.NOW,
                birds,
                List.of(new ProbeRun.Task("counting", 40, 0.9, 0.7)),
                refused));
    DriftReport report = report("birds");
    assertThat(report.getProbed().getSeconds()).isEqualTo(HandFedDrift.NOW.getEpochSecond());
    assertThat(report.getProbeReport().getPassed()).isFalse();
    assertThat(report.getProbes(0).getTask()).isEqualTo("counting");
    assertThat(report.getProbes(0).getExamples()).isEqualTo(40);
    assertThat(report.getProbes(0).getBaseAccuracy()).isEqualTo(0.9);
    assertThat(report.getProbes(0).getTunedAccuracy()).isEqualTo(0.7);
  }

  @Test
  void thatItsProbesCouldNotBePutToItIsReported() {
    Served birds = server.drift().serve(BIRDS, Gate.SEEN, 100);
    assertThat(report("birds").hasProbeFailure()).isFalse();
    server
        .drift()
        .notProbed(
            birds,
            new ProbeFailure(
                HandFedDrift.NOW, "Base answered 99 of 120 probes", Duration.ofMinutes(2)));

    io.trimtab.v1.ProbeFailure failure = report("birds").getProbeFailure();
    assertThat(failure.getReason()).isEqualTo("Base answered 99 of 120 probes");
    assertThat(failure.getTime().getSeconds()).isEqualTo(HandFedDrift.NOW.getEpochSecond());
    assertThat(failure.getNext().getSeconds()).isEqualTo(HandFedDrift.NOW.getEpochSecond() + 120);
  }

  @Test
  void whatIsNotTheCallersIsNotThere() {
    server.drift().serve(BIRDS, Gate.SEEN, 100);
    refused(Status.Code.NOT_FOUND, () -> server.driftAs("other").report(request("birds")));
    refused(Status.Code.NOT_FOUND, () -> server.driftAs("other").watch(request("birds")).next());
    refused(Status.Code.NOT_FOUND, () -> server.driftAs("t").report(request("nobody")));
    refused(Status.Code.NOT_FOUND, () -> server.driftAs("t").report(request("")));
    refused(Status.Code.INVALID_ARGUMENT, () -> server.driftAs("t").report(request("../x")));
    refused(Status.Code.INVALID_ARGUMENT, () -> server.driftAs("t").watch(request("../x")).next());
  }

  @Test
  void aWatcherIsToldWithinTheCallOfItsOwnAdaptersAlone() throws Exception {
    Served birds = server.drift().serve(BIRDS, Gate.SEEN, 100);
    Served wild = server.drift().serve(WILD, Gate.SEEN, 100);
    Served foreign = server.drift().serve(new AdapterId("other", "birds"), Gate.SEEN, 100);
    Watching one = watching("t", "birds", birds);
    Watching all = watching("t", "", birds);
    server.drift().answered(foreign, 40, 0.3);
    server.drift().answered(wild, 40, 0.3);
    server.drift().answered(birds, 40, 0.3);
    assertThat(one.untilDamped()).containsOnly("birds");
    assertThat(all.untilDamped()).containsOnly("wild");
    assertThat(all.untilDamped()).containsOnly("birds");
  }

  @Test
  void aWatcherThatDoesNotReadIsDroppedAndHoldsUpNobody() throws Exception {
    Served birds = server.drift().serve(BIRDS, Gate.SEEN, 100);
    Watching slow = watching("t", "", birds, 1);
    int told = DriftService.WATCH_EVENTS_MAX + 4000;
    for (int i = 0; i < told; i++) {
      server.drift().warn(birds, "x".repeat(1000));
    }
    slow.request(told);
    assertThat(slow.end.get(60, TimeUnit.SECONDS).getCode())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(slow.end.get().getDescription()).contains("1024 events waited");
    assertThat(slow.received).hasSizeLessThan(told);
    // What was dropped is in the way of nobody.
    assertThat(watching("t", "", birds).end).isNotDone();
  }

  @Test
  void aWatcherThatGoesIsForgottenAndAStoppingServerWaitsForNone() throws Exception {
    Served birds = server.drift().serve(BIRDS, Gate.SEEN, 100);
    Watching stays = watching("t", "birds", birds);
    try (Context.CancellableContext call = Context.current().withCancellation()) {
      var _ = call.call(() -> watching("t", "birds", birds));
    }
    assertThat(server.stop(Duration.ofSeconds(60))).isZero();
    assertThat(stays.end.get(60, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    refused(Status.Code.UNAVAILABLE, () -> server.driftAs("t").report(request("birds")));
  }

  /** A watch under way. */
  private static final class Watching
      implements ClientResponseObserver<DriftReportRequest, DriftSignal> {
    private final BlockingQueue<DriftSignal> received = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private final int requested;
    private @Nullable ClientCallStreamObserver<DriftReportRequest> call;

    Watching(int requested) {
      this.requested = requested;
    }

    DriftSignal next() throws InterruptedException {
      DriftSignal signal;
      do {
        signal = received.poll(60, TimeUnit.SECONDS);
        assertThat(signal).as("the next signal").isNotNull();
      } while (signal.getDetail().equals("noise"));
      return signal;
    }

    void request(int count) {
      Objects.requireNonNull(call, "The call has not begun").request(count);
    }

    /** The adapters of what comes, to the first that is damped. */
    Set<String> untilDamped() throws InterruptedException {
      Set<String> adapters = new HashSet<>();
      DriftSignal signal;
      do {
        signal = next();
        adapters.add(signal.getAdapter());
      } while (!signal.getAction().equals("damp"));
      return adapters;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<DriftReportRequest> stream) {
      call = stream;
      stream.disableAutoRequestWithInitial(requested);
    }

    @Override
    public void onNext(DriftSignal signal) {
      received.add(signal);
    }

    @Override
    public void onError(Throwable failure) {
      end.complete(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
      end.complete(Status.OK);
    }
  }

  private Watching watching(String tenant, String adapter, Served served) throws Exception {
    return watching(tenant, adapter, served, Integer.MAX_VALUE);
  }

  /**
   * A watch that is known to be on, since it was told of something that was told after it began.
   */
  private Watching watching(String tenant, String adapter, Served served, int requested)
      throws Exception {
    Watching watching = new Watching(requested);
    server.driftStreamsAs(tenant).watch(request(adapter), watching);
    while (watching.received.poll(20, TimeUnit.MILLISECONDS) == null) {
      assertThat(watching.end).isNotDone();
      server.drift().warn(served, "noise");
    }
    return watching;
  }

  private void refused(Status.Code code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class, e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
  }

  private DriftReport report(String adapter) {
    return server.driftAs("t").report(request(adapter));
  }

  private static DriftReportRequest request(String adapter) {
    return DriftReportRequest.newBuilder().setAdapter(adapter).build();
  }
}
