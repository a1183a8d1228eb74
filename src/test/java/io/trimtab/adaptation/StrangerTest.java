package io.trimtab.adaptation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trimtab.adaptation.FaultyStore.Step;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.Activation.Force;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSelector;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.engine.EngineOptions;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringRequest.Positions;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.FileObjectStore;
import io.trimtab.testing.PeftFolder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * To a stranger an adapter of another tenant is as one that does not exist: beside a server where
 * somebody else has it, one where nobody does answers every call in the same words after the same
 * work.
 */
class StrangerTest {
  private static final String CHECKPOINT = "reference/llava-onevision";
  private static final AdapterId THEIRS = new AdapterId("acme", "birds");
  private static final AdapterId STRANGE = new AdapterId("mallory", "birds");

  @TempDir private static Path folder;

  private static FaultyStore store;
  private static FaultyStore emptyStore;
  private static LiveBench bench;
  private static LiveBench empty;

  @BeforeAll
  static void open() {
    FileObjectStore files = FileObjectStore.open(folder.resolve("one"));
    store = new FaultyStore(files);
    bench = LiveBench.open(CHECKPOINT, files, store, EngineOptions.defaults());
    FileObjectStore others = FileObjectStore.open(folder.resolve("none"));
    emptyStore = new FaultyStore(others);
    empty = LiveBench.open(CHECKPOINT, others, emptyStore, EngineOptions.defaults());
    PeftFolder adapter = PeftFolder.reference("llava-onevision", "sa-proj");
    bench.serve(THEIRS, adapter);
    bench.serve(THEIRS, PeftFolder.reference("llava-onevision", "projector"));
    // Of her own she has another.
    for (LiveBench each : List.of(bench, empty)) {
      each.serve(new AdapterId("mallory", "fish"), adapter);
    }
  }

  @AfterAll
  static void close() {
    bench.close();
    empty.close();
  }

  @Test
  void everyCallIsAnsweredInTheSameWordsAfterTheSameWork() {
    AdapterSnapshot before = bench.registry().get(THEIRS);
    Map<String, ThrowingCallable> calls = calls(bench);
    Map<String, ThrowingCallable> callsOnNone = calls(empty);
    calls.forEach(
        (name, call) -> {
          List<Step> _ = store.calls();
          List<Step> _ = emptyStore.calls();
          TrimtabException theirs = refusal(call);
          TrimtabException nobodys = refusal(Objects.requireNonNull(callsOnNone.get(name), name));
          assertThat(theirs.code()).as(name).isEqualTo(ErrorCode.NOT_FOUND);
          assertThat(theirs).as(name).hasMessage("There is no adapter 'birds'").hasNoCause();
          assertThat(nobodys.code()).as(name).isEqualTo(ErrorCode.NOT_FOUND);
          assertThat(nobodys).as(name).hasMessage(theirs.getMessage()).hasNoCause();
          assertThat(theirs.getStackTrace().length)
              .as("%s: the same way to the refusal", name)
              .isEqualTo(nobodys.getStackTrace().length);
          assertThat(store.calls()).as(name).isEqualTo(emptyStore.calls());
        });
    assertThat(bench.registry().get(THEIRS)).isEqualTo(before);
    assertThat(bench.registry().list("mallory"))
        .extracting(each -> each.id().name())
        .containsExactly("fish");
  }

  /** What reads waits for nothing, so that not even the disk tells. */
  @Test
  void readingTouchesNothingButMemory() {
    List<Step> _ = store.calls();
    calls(bench)
        .forEach(
            (name, call) -> {
              if (!name.startsWith("change")) {
                TrimtabException _ = refusal(call);
                assertThat(store.calls()).as(name).isEmpty();
              }
            });
  }

  /** The shortest of many is what the work takes; noise only ever adds to it. */
  @Test
  void aNameIsRefusedInTheSameTime() {
    AdapterRegistry registry = bench.registry();
    long theirs = Long.MAX_VALUE;
    long nobodys = Long.MAX_VALUE;
    for (int round = 0; round < 200; round++) {
      theirs = Math.min(theirs, nanosOfRefusals(registry, "birds"));
      nobodys = Math.min(nobodys, nanosOfRefusals(registry, "worms"));
    }
    assertThat((double) theirs / nobodys).isBetween(0.5, 2.0);
  }

  private static long nanosOfRefusals(AdapterRegistry registry, String name) {
    AdapterSelector selector = new AdapterSelector.Served(name);
    int refused = 0;
    long from = System.nanoTime();
    for (int i = 0; i < 50; i++) {
      try {
        registry.resolve("mallory", selector, "request");
      } catch (TrimtabException e) {
        refused++;
      }
    }
    long nanos = System.nanoTime() - from;
    assertThat(refused).isEqualTo(50);
    return nanos;
  }

  @Test
  void aNameThatAnotherHasCanBeTakenAndIsAnother() throws Exception {
    AdapterId own = new AdapterId("globex", "birds");
    AdapterSnapshot theirs = bench.registry().get(THEIRS);
    bench.serve(own, PeftFolder.reference("llava-onevision", "gate-up-rslora"));
    assertThat(Asked.of(bench.engine(), "globex", "birds", "What?").servedBy().adapterDigest())
        .isEqualTo(bench.registry().get(own).active().orElseThrow().digest())
        .isNotEqualTo(theirs.active().orElseThrow().digest());
    bench.registry().delete(own, 0, "");
    assertThat(bench.registry().get(THEIRS)).isEqualTo(theirs);
    assertThat(Asked.of(bench.engine(), "acme", "birds", "What?").servedBy().adapterDigest())
        .isEqualTo(theirs.active().orElseThrow().digest());
  }

  private static Map<String, ThrowingCallable> calls(LiveBench on) {
    AdapterRegistry registry = on.registry();
    AdapterPublisher publisher = on.publisher();
    Map<String, ThrowingCallable> calls = new LinkedHashMap<>();
    calls.put("get", () -> registry.get(STRANGE));
    calls.put("resolve", () -> resolve(registry, "birds"));
    calls.put("resolve a revision", () -> resolve(registry, "birds@1"));
    calls.put("resolve no revision", () -> resolve(registry, "birds@9"));
    calls.put("generate", () -> Asked.of(on.engine(), "mallory", "birds", "What?"));
    calls.put("generate by a revision", () -> Asked.of(on.engine(), "mallory", "birds@2", "?"));
    calls.put("score", () -> on.engine().score(scoring("birds")));
    calls.put("score by a revision", () -> on.engine().score(scoring("birds@1")));
    calls.put("change: publish active", () -> publisher.activate(STRANGE, Activation.of(1)));
    calls.put("change: publish the one before", () -> publisher.rollback(STRANGE, ""));
    calls.put("change: publish a scale", () -> publisher.setScale(STRANGE, 0, 0.5f, ""));
    calls.put("change: activate", () -> registry.activate(STRANGE, Activation.of(1)));
    calls.put("change: activate base", () -> registry.activate(STRANGE, Activation.of(0)));
    calls.put(
        "change: force a canary at a version",
        () -> registry.activate(STRANGE, new Activation(1, 5, Force.FORCED, "why", 3)));
    calls.put("change: rollback", () -> registry.rollback(STRANGE, ""));
    calls.put("change: scale", () -> registry.setScale(STRANGE, 1, 0.5f, ""));
    calls.put("change: quarantine", () -> registry.quarantine(STRANGE, 1, ""));
    calls.put("change: delete", () -> registry.delete(STRANGE, 0, ""));
    calls.put("change: delete a revision", () -> registry.delete(STRANGE, 1, ""));
    calls.put("change: refresh", () -> registry.refresh(STRANGE));
    return calls;
  }

  private static void resolve(AdapterRegistry registry, String selector) {
    registry.resolve("mallory", AdapterSelector.parse(selector), "request");
  }

  private static ScoringRequest scoring(String adapter) {
    return new ScoringRequest(
        "request",
        "mallory",
        adapter,
        List.of(Asked.user("What?")),
        "A bird.",
        Positions.CONTINUATION,
        Optional.empty());
  }

  private static TrimtabException refusal(ThrowingCallable call) {
    return catchThrowableOfType(TrimtabException.class, call);
  }
}
