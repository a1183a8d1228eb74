package io.trimtab.serving.adapters;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.trimtab.adaptation.AdapterExamination;
import io.trimtab.adaptation.AdapterFile;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionState;
import io.trimtab.v1.Adapter;
import io.trimtab.v1.AdapterEvent;
import io.trimtab.v1.FileChunk;
import io.trimtab.v1.GateCheck;
import io.trimtab.v1.ListAdaptersResponse;
import io.trimtab.v1.ValidationReport;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** Writes adapters for the wire. */
public final class AdapterWriter {
  private AdapterWriter() {}

  static ListAdaptersResponse list(List<AdapterSnapshot> snapshots) {
    return ListAdaptersResponse.newBuilder()
        .addAllAdapters(snapshots.stream().map(AdapterWriter::adapter).toList())
        .build();
  }

  static Adapter adapter(AdapterSnapshot snapshot) {
    AdapterId id = snapshot.id();
    return Adapter.newBuilder()
        .setTenant(id.tenant())
        .setAdapter(id.name())
        .setActiveRevision(snapshot.activeRevision())
        .setCanaryRevision(snapshot.canaryRevision())
        .setCanaryPercent(snapshot.canaryPercent())
        // Base is whole: nothing damps it.
        .setScale(snapshot.active().map(Revision::scale).orElse(1f))
        .addAllRevisions(
            snapshot.revisions().stream().map(revision -> revision(id, revision)).toList())
        .setVersion(snapshot.version())
        .build();
  }

  static io.trimtab.v1.Revision revision(AdapterId id, Revision revision) {
    io.trimtab.v1.Revision.Builder wire =
        io.trimtab.v1.Revision.newBuilder()
            .setAdapter(id.name())
            .setRevision(revision.revision())
            .setDigest(revision.digest())
            .setState(state(revision.state()))
            .setOrigin(revision.origin())
            .setRank(revision.rank())
            .addAllTargets(revision.targets())
            .setParameters(revision.parameters())
            .setBytes(revision.files().bytes())
            .setCreated(time(revision.created()))
            .setNote(revision.note())
            .setParentDigest(revision.parentDigest())
            .setScale(revision.scale())
            .setBaseDigest(revision.baseDigest());
    GateReport gate = revision.gate();
    if (gate != null) {
      wire.setGate(gate(gate));
    }
    return wire.build();
  }

  /** One change; of a revision that is no more, its number alone. */
  static AdapterEvent event(io.trimtab.adapter.AdapterEvent event) {
    AdapterSnapshot snapshot = event.snapshot();
    AdapterSnapshot.Change change = event.change();
    io.trimtab.v1.Revision revision =
        snapshot
            .revision(change.revision())
            .map(known -> revision(snapshot.id(), known))
            .orElseGet(
                () ->
                    io.trimtab.v1.Revision.newBuilder()
                        .setAdapter(snapshot.id().name())
                        .setRevision(change.revision())
                        .build());
    return AdapterEvent.newBuilder()
        .setTime(time(change.time()))
        .setKind(change.kind().name().toLowerCase(Locale.ROOT))
        .setRevision(revision)
        .setReason(change.reason())
        .build();
  }

  static ValidationReport report(AdapterExamination examination) {
    return ValidationReport.newBuilder()
        .setAccepted(examination.accepted())
        .setTensorsMatched(examination.tensorsMatched())
        .setTensorsTotal(examination.tensorsTotal())
        .addAllErrors(examination.errors())
        .setLargestOutputChange(examination.outputChange())
        .build();
  }

  static FileChunk chunk(AdapterFile file, ByteString data) {
    return FileChunk.newBuilder().setPath(file.fileName()).setData(data).build();
  }

  private static io.trimtab.v1.RevisionState state(RevisionState state) {
    return switch (state) {
      case STAGED -> io.trimtab.v1.RevisionState.REVISION_STATE_STAGED;
      case CANARY -> io.trimtab.v1.RevisionState.REVISION_STATE_CANARY;
      case ACTIVE -> io.trimtab.v1.RevisionState.REVISION_STATE_ACTIVE;
      case RETIRED -> io.trimtab.v1.RevisionState.REVISION_STATE_RETIRED;
      case REJECTED -> io.trimtab.v1.RevisionState.REVISION_STATE_REJECTED;
      case QUARANTINED -> io.trimtab.v1.RevisionState.REVISION_STATE_QUARANTINED;
    };
  }

  public static io.trimtab.v1.GateReport gate(GateReport report) {
    return io.trimtab.v1.GateReport.newBuilder()
        .setPassed(report.verdict() == GateReport.Verdict.PASSED)
        .addAllChecks(report.checks().stream().map(AdapterWriter::check).toList())
        .build();
  }

  private static GateCheck check(GateReport.Check check) {
    return GateCheck.newBuilder()
        .setName(check.name())
        .setValue(check.value())
        .setLimit(check.limit())
        .setPassed(check.verdict() == GateReport.Verdict.PASSED)
        .setDetail(check.detail())
        .build();
  }

  public static Timestamp time(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }
}
