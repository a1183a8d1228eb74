package io.trimtab.adapter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adapter.GateReport.Check;
import io.trimtab.adapter.GateReport.Verdict;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnapshotJsonTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.006007008Z");

  /** What stores hold: a change of this text needs another format. */
  private static final String WRITTEN =
      """
      {"format":1,"adapter":{"id":{"tenant":"acme","name":"helper"},"version":2,"activeRevision":1,\
      "canaryRevision":0,"canaryPercent":0,"canaryFrom":"STAGED","revisions":[{"revision":1,\
      "digest":"dd","state":"ACTIVE","origin":"job-7","rank":16,"targets":["q_proj","projector"],\
      "parameters":5000000000,"files":{"config":"cc","weights":"ff","bytes":12},\
      "created":"2026-01-02T03:04:05.006007008Z","note":"a \\"note\\" of \u00e4","parentDigest":"",\
      "baseDigest":"bb","scale":0.7,"gate":{"verdict":"REFUSED","checks":[{"name":"bias_drift",\
      "value":"NaN","limit":0.25,"verdict":"REFUSED","detail":"nats"}]}}],"previous":[],\
      "lastRevision":1,"existence":"PRESENT","change":{"kind":"ACTIVATED","revision":1,\
      "reason":"why","time":"2026-01-02T03:04:05.006007008Z"}}}""";

  @Test
  void theTextIsTheSameForAllTime() {
    assertThat(SnapshotJson.write(snapshot())).asString(UTF_8).isEqualTo(WRITTEN);
  }

  @Test
  void whatWasWrittenIsRead() throws UnreadableVersion {
    assertThat(SnapshotJson.read(WRITTEN.getBytes(UTF_8))).isEqualTo(snapshot());
    AdapterSnapshot plain =
        AdapterTransitions.added(
            snapshot().id(), null, Revisions.of(RevisionState.REJECTED), 9, NOW);
    assertThat(SnapshotJson.read(SnapshotJson.write(plain))).isEqualTo(plain);
  }

  /** Where a gate has seen the revision; what was written before there were any has none. */
  @Test
  void anEnvelopeIsNamedWhereThereIsOne() throws UnreadableVersion {
    AdapterSnapshot gated = snapshot(new RevisionFiles("cc", "ff", 12, "ee"));
    String text = WRITTEN.replace("\"bytes\":12", "\"bytes\":12,\"envelope\":\"ee\"");
    assertThat(SnapshotJson.write(gated)).asString(UTF_8).isEqualTo(text);
    assertThat(SnapshotJson.read(text.getBytes(UTF_8))).isEqualTo(gated);
    assertThat(SnapshotJson.read(WRITTEN.getBytes(UTF_8)).revisions().getFirst().files().envelope())
        .isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"format\":1 | \"format\":2",
        "\"format\":1, | ''",
        "\"version\":2 | \"version\":\"2\"",
        "\"version\":2 | \"version\":2.5",
        "\"version\":2 | \"version\":null",
        "\"version\":2 | \"version\":0",
        "\"version\":2, | ''",
        "\"version\":2 | \"version\":2,\"more\":1",
        "\"version\":2 | \"version\":2,\"version\":2",
        "\"note\":\"a \\\"note\\\" of ä\" | \"note\":null",
        "\"targets\":[\"q_proj\" | \"targets\":[null",
        "\"state\":\"ACTIVE\" | \"state\":\"STAGED\"",
        "\"state\":\"ACTIVE\" | \"state\":2",
        "\"activeRevision\":1 | \"activeRevision\":2",
        "\"lastRevision\":1 | \"lastRevision\":0",
        "\"previous\":[] | \"previous\":[3]",
        "\"name\":\"helper\" | \"name\":\"../helper\"",
        "\"scale\":0.7 | \"scale\":1.5",
        "\"created\":\"2026 | \"created\":\"26",
        "\"bytes\":12 | \"bytes\":12,\"envelope\":null",
        "\"bytes\":12 | \"bytes\":12,\"envelope\":\"ee\",\"envelope\":\"ee\"",
        "\"bytes\":12 | \"bytes\":12,\"envelope\":\"ee\",\"more\":1",
        "\"bytes\":12 | \"bytes\":12,\"more\":1",
        "\"bytes\":12 | \"bytes\":12.5",
        ",\"bytes\":12 | ''",
        ",\"bytes\":12 | ,\"envelope\":\"ee\"",
        "\"config\":\"cc\" | \"config\":null",
        "\"config\":\"cc\" | \"config\":\"cc\",\"config\":\"cc\"",
        "\"existence\":\"PRESENT\" | \"existence\":\"DELETED\""
      })
  void anythingElseIsUnreadable(String text, String other) {
    assertThat(WRITTEN).contains(text);
    byte[] contents =
        WRITTEN.replaceFirst(Pattern.quote(text), Matcher.quoteReplacement(other)).getBytes(UTF_8);
    assertThatThrownBy(() -> SnapshotJson.read(contents)).isInstanceOf(UnreadableVersion.class);
  }

  @Test
  void noBeginningIsReadForTheWhole() {
    byte[] whole = WRITTEN.getBytes(UTF_8);
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> SnapshotJson.read(part)).isInstanceOf(UnreadableVersion.class);
    }
    assertThatThrownBy(() -> SnapshotJson.read((WRITTEN + "{}").getBytes(UTF_8)))
        .isInstanceOf(UnreadableVersion.class);
  }

  private static AdapterSnapshot snapshot() {
    return snapshot(new RevisionFiles("cc", "ff", 12));
  }

  private static AdapterSnapshot snapshot(RevisionFiles files) {
    Revision revision =
        new Revision(
            1,
            "dd",
            RevisionState.ACTIVE,
            "job-7",
            16,
            List.of("q_proj", "projector"),
            5_000_000_000L,
            files,
            NOW,
            "a \"note\" of ä",
            "",
            "bb",
            0.7f,
            new GateReport(
                Verdict.REFUSED,
                List.of(new Check("bias_drift", Double.NaN, 0.25, Verdict.REFUSED, "nats"))));
    return new AdapterSnapshot(
        new AdapterId("acme", "helper"),
        2,
        1,
        0,
        0,
        RevisionState.STAGED,
        List.of(revision),
        List.of(),
        1,
        AdapterSnapshot.Existence.PRESENT,
        new AdapterSnapshot.Change(AdapterSnapshot.Kind.ACTIVATED, 1, "why", NOW));
  }
}
