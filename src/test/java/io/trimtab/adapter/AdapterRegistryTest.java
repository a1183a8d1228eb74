package io.trimtab.adapter;

import static io.trimtab.adapter.Refusals.assertRefused;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adapter.Activation.Force;
import io.trimtab.adapter.AdapterSnapshot.Kind;
import io.trimtab.error.ErrorCode;
import io.trimtab.store.LineName;
import io.trimtab.store.ObjectStore;
import io.trimtab.store.UnsyncedStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterRegistryTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);
  private static final AdapterLimits LIMITS = new AdapterLimits(256, 1 << 20, 1 << 20, 3, 4);
  private static final AdapterId HELPER = new AdapterId("acme", "helper");
  private static final AdapterId STRANGERS = new AdapterId("globex", "theirs");

  @TempDir private Path root;
  private ObjectStore store;
  private AdapterRegistry registry;

  @BeforeEach
  void open() {
    store = UnsyncedStore.open(root);
    registry = reopened();
  }

  @Test
  void whatWasDoneIsThereAfterReopening() {
    add(HELPER, "one");
    add(HELPER, "two");
    registry.activate(HELPER, Activation.of(1));
    registry.activate(HELPER, canary(2, 20));
    registry.setScale(HELPER, 0, 0.5f, "damp");
    AdapterSnapshot before = registry.get(HELPER);
    assertThat(before.version()).isEqualTo(5);
    assertThat(reopened().get(HELPER)).isEqualTo(before);
    assertThat(reopened().list("acme")).containsExactly(before);
  }

  @Test
  void anAdapterIsMadeOnce() {
    AdapterSnapshot created = registry.create(HELPER);
    assertThat(created.change().kind()).isEqualTo(Kind.CREATED);
    assertThat(registry.create(HELPER)).isEqualTo(created);
    assertThat(registry.get(HELPER)).isEqualTo(created);
  }

  @Test
  void aRevisionOfAJobIsAddedOnceWhicheverProcessAsks() {
    registry.create(HELPER);
    AdapterRegistry other = reopened();
    Instant before = CLOCK.instant().minusSeconds(1);
    NewRevision revision = Revisions.stored(store, "one");
    AdapterSnapshot added = registry.addOnce(HELPER, revision, before);
    assertThat(added.revisions()).hasSize(1);
    assertThat(other.addOnce(HELPER, revision, before)).isEqualTo(added);
    assertRefused(
        () -> registry.addOnce(STRANGERS, revision, before),
        ErrorCode.NOT_FOUND,
        "There is no adapter 'theirs'");
  }

  @Test
  void aNameThatWasDeletedIsNotWhatItWas() {
    Instant before = CLOCK.instant().minusSeconds(1);
    Instant after = CLOCK.instant().plusSeconds(1);
    registry.create(HELPER);
    assertThat(registry.lastDeleted(HELPER)).isEmpty();
    assertThat(registry.isGone(HELPER, before)).isFalse();
    assertThat(registry.isGone(STRANGERS, before)).isTrue();
    AdapterRegistry other = reopened();
    other.delete(HELPER, 0, "");
    assertThat(registry.isGone(HELPER, after)).isTrue();
    other.create(HELPER);
    for (int i = 0; i < 5; i++) {
      add(HELPER, "more " + i % 2);
      registry.delete(HELPER, registry.get(HELPER).lastRevision(), "");
    }
    for (AdapterRegistry each : List.of(registry, other, reopened())) {
      assertThat(each.lastDeleted(HELPER)).hasValue(CLOCK.instant());
      assertThat(each.isGone(HELPER, before)).isTrue();
      assertThat(each.isGone(HELPER, after)).isFalse();
      assertRefused(
          () -> each.addOnce(HELPER, Revisions.stored(store, "one"), before),
          ErrorCode.NOT_FOUND,
          "There is no adapter 'helper'");
    }
    assertThat(registry.addOnce(HELPER, Revisions.stored(store, "one"), after).revisions())
        .hasSize(1);
  }

  @Test
  void adaptersAreListedByNameToTheirTenantAlone() {
    registry.create(new AdapterId("acme", "z"));
    registry.create(new AdapterId("acme", "a"));
    registry.create(STRANGERS);
    assertThat(registry.list("acme"))
        .extracting(each -> each.id().name())
        .containsExactly("a", "z");
    assertThat(registry.list("nobody")).isEmpty();
  }

  @Test
  void strangersAdaptersAreNotFoundInTheSameWords() {
    add(STRANGERS, "theirs");
    AdapterId guessed = new AdapterId("acme", "theirs");
    String words = "There is no adapter 'theirs'";
    for (Runnable call :
        List.<Runnable>of(
            () -> registry.get(guessed),
            () -> registry.activate(guessed, Activation.of(1)),
            () -> registry.rollback(guessed, ""),
            () -> registry.setScale(guessed, 1, 1, ""),
            () -> registry.quarantine(guessed, 1, ""),
            () -> registry.delete(guessed, 0, ""),
            () -> registry.delete(guessed, 1, ""),
            () -> registry.refresh(guessed),
            () -> resolve("theirs"),
            () -> resolve("theirs@1"))) {
      assertRefused(call, ErrorCode.NOT_FOUND, words);
    }
    assertThat(registry.list("acme")).isEmpty();
  }

  @Test
  void adaptersOfATenantAreLimited() {
    for (String name : List.of("a", "b", "c")) {
      registry.create(new AdapterId("acme", name));
    }
    String words = "The tenant has 3 adapters, expected at most 3: delete some";
    AdapterId fourth = new AdapterId("acme", "d");
    assertRefused(() -> registry.create(fourth), ErrorCode.RESOURCE_EXHAUSTED, words);
    assertRefused(() -> add(fourth, "one"), ErrorCode.RESOURCE_EXHAUSTED, words);
    registry.create(STRANGERS);
    registry.delete(new AdapterId("acme", "a"), 0, "");
    assertThat(add(fourth, "one").version()).isEqualTo(1);
  }

  @Test
  void revisionsOfAnAdapterAreLimited() {
    for (int i = 0; i < 4; i++) {
      registry.add(HELPER, Revisions.stored(store, "w" + i, RevisionState.REJECTED));
    }
    assertRefused(
        () -> add(HELPER, "w5"),
        ErrorCode.RESOURCE_EXHAUSTED,
        "The adapter 'helper' has 4 revisions, rejected ones among them, expected at most 4:"
            + " delete some");
    registry.delete(HELPER, 2, "");
    assertThat(add(HELPER, "w5").lastRevision()).isEqualTo(5);
  }

  @Test
  void aDeletedNameCanBeMadeAgainAndItsNumbersGoOn() {
    add(HELPER, "one");
    registry.delete(HELPER, 0, "bye");
    assertRefused(() -> registry.get(HELPER), ErrorCode.NOT_FOUND, "There is no adapter 'helper'");
    assertRefused(
        () -> registry.delete(HELPER, 0, ""), ErrorCode.NOT_FOUND, "There is no adapter 'helper'");
    registry = reopened();
    assertThat(registry.list("acme")).isEmpty();
    AdapterSnapshot again = add(HELPER, "two");
    assertThat(again.lastRevision()).isEqualTo(2);
    assertThat(again.version()).isEqualTo(3);
    assertThat(again.previous()).isEmpty();
  }

  @Test
  void anEmptyNameMeansDefaultWhereThereIsOneAndElseBase() {
    assertThat(resolve("")).isEmpty();
    AdapterId mine = new AdapterId("acme", AdapterId.DEFAULT_NAME);
    add(mine, "one");
    assertThat(resolve("")).isEmpty();
    registry.activate(mine, Activation.of(1));
    assertThat(resolve("").orElseThrow().id()).isEqualTo(mine);
    assertThat(resolve("base")).isEmpty();
    assertThat(registry.resolve("globex", AdapterSelector.parse(""), "r")).isEmpty();
  }

  @Test
  void aNameMeansItsActiveRevisionAtItsScale() {
    add(HELPER, "one");
    assertThat(resolve("helper")).isEmpty();
    registry.activate(HELPER, Activation.of(1));
    registry.setScale(HELPER, 0, 0.25f, "");
    Revision active = registry.get(HELPER).active().orElseThrow();
    assertThat(resolve("helper"))
        .contains(
            new ResolvedRevision(
                HELPER, 1, active.digest(), 0.25f, active.files(), active.baseDigest()));
  }

  @Test
  void anExactRevisionIsServedUnlessItIsServedToNobody() {
    add(HELPER, "one");
    add(HELPER, "two");
    add(HELPER, "three");
    registry.add(HELPER, Revisions.stored(store, "four", RevisionState.REJECTED));
    registry.activate(HELPER, Activation.of(1));
    registry.activate(HELPER, Activation.of(2));
    registry.activate(HELPER, canary(3, 1));
    assertThat(Stream.of(1, 2, 3).map(each -> resolve("helper@" + each).orElseThrow().revision()))
        .containsExactly(1, 2, 3);
    assertRefused(
        () -> resolve("helper@4"),
        ErrorCode.FAILED_PRECONDITION,
        "Revision 4 of the adapter 'helper' is REJECTED: nobody is served by it");
    registry.quarantine(HELPER, 2, "drift");
    assertRefused(
        () -> resolve("helper@2"),
        ErrorCode.FAILED_PRECONDITION,
        "Revision 2 of the adapter 'helper' is QUARANTINED: nobody is served by it");
    assertRefused(
        () -> resolve("helper@9"),
        ErrorCode.NOT_FOUND,
        "There is no revision 9 of the adapter 'helper'");
  }

  @Test
  void filesAreThoseOfTheRevisionAndDamagedOnesAreRefused() throws IOException {
    add(HELPER, "weights");
    ResolvedRevision one = resolve("helper@1").orElseThrow();
    assertThat(registry.files(one).config()).hasContent("config");
    Path weights = registry.files(one).weights();
    assertThat(weights).hasContent("weights");
    Files.writeString(weights, "weightz");
    assertThat(one.files().weights()).isEqualTo(weights.getFileName().toString());
    assertThatThrownBy(() -> registry.files(one)).hasMessageContaining("is damaged");
  }

  @Test
  void aRevisionWithoutItsFilesIsRefused() {
    assertRefused(
        () -> registry.add(HELPER, Revisions.of(RevisionState.STAGED)),
        ErrorCode.UNAVAILABLE,
        "The revision's files are not in the store: upload them again");
    assertThat(registry.list("acme")).isEmpty();
  }

  @Test
  void filesGoWithTheLastRevisionThatNamesThem() {
    String config = add(HELPER, "one").revisions().getFirst().files().config();
    String one = blob(HELPER, 1);
    add(HELPER, "two");
    String two = blob(HELPER, 2);
    add(STRANGERS, "two");
    registry.delete(HELPER, 1, "");
    assertThat(store.hasBlob(one)).isFalse();
    registry.delete(HELPER, 0, "");
    assertThat(store.hasBlob(two)).isTrue();
    registry.delete(STRANGERS, 0, "");
    assertThat(store.hasBlob(two)).isFalse();
    assertThat(store.hasBlob(config)).isFalse();
  }

  @Test
  void filesThatAnotherRegistryNeedsStay() {
    AdapterRegistry other = reopened();
    add(HELPER, "one");
    other.add(STRANGERS, Revisions.stored(store, "one"));
    registry.delete(HELPER, 0, "");
    ResolvedRevision theirs =
        other.resolve("globex", AdapterSelector.parse("theirs@1"), "r").orElseThrow();
    assertThat(other.files(theirs).weights()).hasContent("one");
  }

  @Test
  void aPinKeepsFilesUntilTheirRevisionIsAdded() {
    add(HELPER, "one");
    String one = blob(HELPER, 1);
    NewRevision same = Revisions.stored(store, "one");
    try (BlobPin _ = registry.pin(same.files().config(), one)) {
      registry.delete(HELPER, 0, "");
      assertThat(store.hasBlob(one)).isTrue();
      registry.add(STRANGERS, same);
    }
    assertThat(store.hasBlob(one)).isTrue();
  }

  @Test
  void whatNoRevisionNamesGoesWithTheLastPin() {
    String abandoned = Revisions.put(store, "abandoned");
    try (BlobPin _ = registry.pin(abandoned)) {
      try (BlobPin _ = registry.pin(abandoned)) {
        assertThat(store.hasBlob(abandoned)).isTrue();
      }
      assertThat(store.hasBlob(abandoned)).isTrue();
    }
    assertThat(store.hasBlob(abandoned)).isFalse();
  }

  @Test
  void anUnreadableAdapterIsServedToNobodyAndTheOthersAre() throws IOException {
    add(HELPER, "one");
    registry.activate(HELPER, Activation.of(1));
    add(STRANGERS, "two");
    String one = blob(HELPER, 1);
    LineName line = LineName.of("adapters", "acme", "helper");
    store.putIfAbsent(line, 3, "{\"format\":2}".getBytes(UTF_8));
    registry = reopened();
    assertRefused(() -> resolve("helper"), ErrorCode.NOT_FOUND, "There is no adapter 'helper'");
    String words =
        "What is stored of the adapter 'helper' cannot be read: its format is '2', expected 1";
    assertRefused(() -> registry.create(HELPER), ErrorCode.INTERNAL, words);
    assertRefused(() -> registry.refresh(HELPER), ErrorCode.INTERNAL, words);
    registry.delete(STRANGERS, 1, "");
    // Nobody knows whether the adapter that cannot be read needs them.
    assertThat(store.hasBlob(one)).isTrue();
    assertThat(registry.list("globex")).hasSize(1);
  }

  @Test
  void aVersionThatSaysItIsAnotherIsUnreadable() {
    registry.create(HELPER);
    byte[] contents = store.read(LineName.of("adapters", "acme", "helper"), 1).orElseThrow();
    store.putIfAbsent(LineName.of("adapters", "globex", "helper"), 1, contents);
    assertThat(reopened().list("globex")).isEmpty();
    assertThat(reopened().list("acme")).hasSize(1);
  }

  @Test
  void refreshFindsWhatAnotherRegistryWrote() {
    AdapterRegistry other = reopened();
    add(HELPER, "one");
    assertThat(other.list("acme")).isEmpty();
    assertThat(other.refresh(HELPER)).isEqualTo(registry.get(HELPER));
    registry.activate(HELPER, Activation.of(1));
    registry.delete(HELPER, 0, "");
    assertRefused(() -> other.refresh(HELPER), ErrorCode.NOT_FOUND, "There is no adapter 'helper'");
    registry.create(STRANGERS);
    other.refreshAll();
    assertThat(other.list("globex")).hasSize(1);
  }

  @Test
  void aChangeKnowsWhatAnotherRegistryWrote() {
    AdapterRegistry other = reopened();
    add(HELPER, "one");
    Activation atVersion = new Activation(1, 100, Force.RESPECTING_STATE, "", 1);
    assertThat(other.activate(HELPER, atVersion).version()).isEqualTo(2);
    assertThat(registry.rollback(HELPER, "").version()).isEqualTo(3);
    assertRefused(
        () -> other.activate(HELPER, atVersion),
        ErrorCode.FAILED_PRECONDITION,
        "The adapter 'helper' is at version 3, expected 1");
  }

  @Test
  void tenThousandAdaptersOpenInSeconds() {
    MemoryLines many = new MemoryLines();
    AdapterLimits wide = new AdapterLimits(256, 1 << 20, 1 << 20, 10_000, 4);
    for (int i = 0; i < 10_000; i++) {
      AdapterId id = new AdapterId("acme", "name-" + i);
      AdapterSnapshot first =
          AdapterTransitions.added(
              id, null, Revisions.of(RevisionState.STAGED), 4, CLOCK.instant());
      many.putIfAbsent(AdapterLines.line(id), 1, SnapshotJson.write(first));
    }
    long start = System.nanoTime();
    AdapterRegistry opened = AdapterRegistry.open(many, wide, CLOCK);
    assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
    assertThat(opened.list("acme")).hasSize(10_000);
    assertThat(opened.activate(new AdapterId("acme", "name-7"), Activation.of(1)).version())
        .isEqualTo(2);
    assertRefused(
        () -> opened.create(HELPER),
        ErrorCode.RESOURCE_EXHAUSTED,
        "The tenant has 10000 adapters, expected at most 10000: delete some");
  }

  private AdapterRegistry reopened() {
    return AdapterRegistry.open(UnsyncedStore.open(root), LIMITS, CLOCK);
  }

  private AdapterSnapshot add(AdapterId id, String weights) {
    return registry.add(id, Revisions.stored(store, weights));
  }

  private String blob(AdapterId id, int revision) {
    return registry.get(id).revision(revision).orElseThrow().files().weights();
  }

  private Optional<ResolvedRevision> resolve(String selector) {
    return registry.resolve("acme", AdapterSelector.parse(selector), "request-1");
  }

  private static Activation canary(int revision, int percent) {
    return new Activation(revision, percent, Force.RESPECTING_STATE, "", 0);
  }
}
