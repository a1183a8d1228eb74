package io.trimtab.cli.drift;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.trimtab.cli.terminal.Terminal;
import io.trimtab.v1.DriftLevel;
import io.trimtab.v1.DriftMetric;
import io.trimtab.v1.DriftReference;
import io.trimtab.v1.DriftReport;
import io.trimtab.v1.DriftShadow;
import io.trimtab.v1.DriftSignal;
import io.trimtab.v1.GateCheck;
import io.trimtab.v1.GateReport;
import io.trimtab.v1.ProbeFailure;
import io.trimtab.v1.ProbeResult;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reports of drift as they stand on a terminal, to the letter. */
class DriftTablesTest {
  private static final Timestamp TIME = Timestamp.newBuilder().setSeconds(1767323045).build();

  @Test
  void aReportIsATableWithTheProbesTheCanaryAndTheEventsBelow() {
    DriftReport canary =
        revision(5, DriftReference.DRIFT_REFERENCE_BASE)
            .setCanary(true)
            .setAnswersRead(2)
            .setTokensObserved(9)
            .addMetrics(metric("kl_to_base", "more", 0, 3, DriftLevel.DRIFT_LEVEL_STABLE))
            .build();
    DriftReport report =
        revision(4, DriftReference.DRIFT_REFERENCE_ENVELOPE)
            .setScale(0.7f)
            .setLevel(DriftLevel.DRIFT_LEVEL_WARNING)
            .setAnswersRead(1204)
            .setTokensObserved(5310)
            .setAnswersRepeated(31)
            .addMetrics(
                metric("number_token_bias", "more", 120, 14, DriftLevel.DRIFT_LEVEL_WARNING))
            .addMetrics(metric("number_token_bias", "less", 1, 0, DriftLevel.DRIFT_LEVEL_STABLE))
            .addMetrics(metric("length_bias", "more", 1e9, 1e9, DriftLevel.DRIFT_LEVEL_DRIFT))
            .setProbed(TIME)
            .setProbeReport(
                GateReport.newBuilder()
                    .addChecks(
                        GateCheck.newBuilder()
                            .setName("forgetting")
                            .setDetail("counting falls by 0.200, expected at most 0.050")))
            .addProbes(
                ProbeResult.newBuilder()
                    .setTask("counting")
                    .setExamples(40)
                    .setBaseAccuracy(0.9)
                    .setTunedAccuracy(0.7))
            .setCanaryReport(canary)
            .addEvents(signal("damp", "done"))
            .addEvents(signal("rollback", "advised"))
            .addEvents(signal("retrain", "not_done"))
            .setShadow(shadow())
            .build();
    assertThat(String.join("\n", DriftTables.report(report, Terminal.NONE)))
        .isEqualTo(
            """
            birds@4 at scale 0.7: WARNING
            It is held against what the gate saw of it: to leave that alarms, to have
            learned does not.
            Answers that base read as well: 1204 (5310 tokens). Left out, since the same
            question had just been read: 31.

            METRIC             THAN BASE   BASE  TUNED  EXCESS  EVIDENCE  WARNING  LEVEL
            number_token_bias  more       0.031  0.120  -0.013      12 %     70 %  WARNING
            number_token_bias  less       0.031  0.120  -0.013      <1 %      0 %  stable
            length_bias        more       0.031  0.120  -0.013    >999 %   >999 %  DRIFT

            Probed 2026-01-02T03:04:05Z: REFUSED
            TASK      PROBES   BASE  TUNED
            counting      40  0.900  0.700
              forgetting: counting falls by 0.200, expected at most 0.050

            Canary birds@5 at scale 1: stable
            No gate has seen it, so nothing says what it may do: far from base it is warned
            of, and the probes decide.
            Answers that base read as well: 2 (9 tokens). Left out, since the same question
            had just been read: 0.

            METRIC      THAN BASE   BASE  TUNED  EXCESS  EVIDENCE  WARNING  LEVEL
            kl_to_base  more       0.031  0.120  -0.013       0 %     15 %  stable

            Events:
            2026-01-02T03:04:05Z  birds@4  DRIFT  number_token_bias more
              damp: numbers_bias+: base 0.031, tuned 0.120 on average of 1204 answers read;
              lately 0.045 above what the?envelope allows
            2026-01-02T03:04:05Z  birds@4  DRIFT  number_token_bias more
              would rollback: numbers_bias+: base 0.031, tuned 0.120 on average of 1204
              answers read; lately 0.045 above what the?envelope allows
            2026-01-02T03:04:05Z  birds@4  DRIFT  number_token_bias more
              did not retrain: numbers_bias+: base 0.031, tuned 0.120 on average of 1204
              answers read; lately 0.045 above what the?envelope allows

            Base reads 2.5 % of this server's live answers as well: since it started 20 were
            chosen and 15 read, 4 were left out for want of room, 1 failed.""");
    assertThat(DriftTables.report(report, Terminal.NONE))
        .allSatisfy(line -> assertThat(line).hasSizeLessThan(81));
  }

  @Test
  void whyItCouldNotBeProbedIsSaid() {
    DriftReport report =
        revision(4, DriftReference.DRIFT_REFERENCE_ENVELOPE)
            .setProbeFailure(
                ProbeFailure.newBuilder()
                    .setTime(TIME)
                    .setNext(Timestamp.newBuilder().setSeconds(TIME.getSeconds() + 120))
                    .setReason("Base answered 99 of 120 probes"))
            .setShadow(shadow())
            .build();

    assertThat(String.join("\n", DriftTables.report(report, Terminal.NONE)))
        .contains(
            """

            Its probes could not be put to it at 2026-01-02T03:04:05Z: Base answered 99 of
            120 probes. The next try is due at 2026-01-02T03:06:05Z.
            """);
  }

  @Test
  void ofManyEventsTheLatestAreShown() {
    DriftReport.Builder report = revision(4, DriftReference.DRIFT_REFERENCE_ENVELOPE);
    for (int i = 0; i < 64; i++) {
      report.addEvents(signal("warn", "done").setRevision(i));
    }
    List<String> lines = DriftTables.report(report.setShadow(shadow()).build(), Terminal.NONE);
    assertThat(lines).contains("Events, the latest 10 of 64:");
    assertThat(lines).filteredOn(line -> line.contains("birds@")).hasSize(11);
    assertThat(lines).anyMatch(line -> line.contains("birds@63")).noneMatch(l -> l.contains("@53"));
  }

  @Test
  void whereNothingIsReadTheServerSaysSo() {
    DriftReport report =
        revision(4, DriftReference.DRIFT_REFERENCE_ENVELOPE)
            .setShadow(DriftShadow.getDefaultInstance())
            .build();
    assertThat(DriftTables.report(report, Terminal.NONE))
        .contains(
            "This server has base read no answers (trimtab.drift.share is 0): nothing is",
            "known of it.");
  }

  private static DriftReport.Builder revision(int number, DriftReference reference) {
    return DriftReport.newBuilder()
        .setAdapter("birds")
        .setRevision(number)
        .setScale(1)
        .setLevel(DriftLevel.DRIFT_LEVEL_STABLE)
        .setReference(reference);
  }

  private static DriftMetric metric(
      String name, String direction, double statistic, double warning, DriftLevel level) {
    return DriftMetric.newBuilder()
        .setName(name)
        .setDirection(direction)
        .setBase(0.031)
        .setTuned(0.12)
        .setStatistic(statistic)
        .setThreshold(1000)
        .setWarningStatistic(warning)
        .setWarningThreshold(20)
        .setExcess(-0.0125)
        .setLevel(level)
        .build();
  }

  private static DriftSignal.Builder signal(String action, String outcome) {
    return DriftSignal.newBuilder()
        .setActed(TIME)
        .setAdapter("birds")
        .setRevision(4)
        .setLevel(DriftLevel.DRIFT_LEVEL_DRIFT)
        .setMetric("number_token_bias")
        .setDirection("more")
        .setAction(action)
        .setOutcome(outcome)
        .setReason(
            "numbers_bias+: base 0.031, tuned 0.120 on average of 1204 answers read; lately 0.045"
                + " above what the\nenvelope allows");
  }

  private static DriftShadow shadow() {
    return DriftShadow.newBuilder()
        .setShare(0.025)
        .setChosen(20)
        .setRead(15)
        .setLeftOut(4)
        .setFailed(1)
        .build();
  }
}
