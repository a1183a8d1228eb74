package io.trimtab.adaptation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.adapter.AdapterId;
import io.trimtab.engine.EngineOptions;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringRequest.Positions;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.TrimtabException;
import io.trimtab.tensor.DType;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.TensorFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An adapter that is accepted does what it says, seen by a real engine's probe; else refused. */
class WhatAnAdapterDoesTest {
  private static final String CHECKPOINT = "reference/llava-onevision";
  private static final PeftFolder SA_PROJ = PeftFolder.reference("llava-onevision", "sa-proj");

  @TempDir private static Path folder;

  private static LiveBench bench;

  @BeforeAll
  static void open() {
    bench = LiveBench.open(CHECKPOINT, folder.resolve("store"), EngineOptions.defaults());
  }

  @AfterAll
  static void close() {
    assertThat(bench.leasesAfterClose()).isZero();
  }

  @Test
  void aNonzeroDeltaChangesLogits() throws Exception {
    for (String name : List.of("sa-proj", "gate-up-rslora", "projector")) {
      AdapterId id = new AdapterId("acme", name);
      PeftFolder adapter = PeftFolder.reference("llava-onevision", name);
      try (AdapterUpload upload =
          bench
              .publisher()
              .begin(new UploadOrder(id, "", NoopPolicy.REFUSE, AfterUpload.ACTIVATE))) {
        LiveBench.send(upload, adapter);
        AdapterExamination examination = upload.examine();
        assertThat(examination.errors()).as(name).isEmpty();
        assertThat(examination.outputChange()).as(name).isGreaterThan(1e-3f);
        assertThat(examination.tensorsMatched()).isEqualTo(examination.tensorsTotal());
        upload.publish();
      }
    }
    assertThat(scored("sa-proj")).isNotEqualTo(scored("base"));
    assertThat(scored("gate-up-rslora")).isNotEqualTo(scored("base"));
    // Without a picture the projector has nothing to do.
    assertThat(scored("projector")).isEqualTo(scored("base"));
  }

  @Test
  void anAdapterOfZerosIsRefusedAndWhereItIsAskedForEqualsBase() throws Exception {
    PeftFolder zeros =
        PeftFolder.random(
            LiveBench.config(CHECKPOINT),
            folder.resolve("zeros"),
            1,
            4,
            Set.of("q_proj", "v_proj", "down_proj", PeftFolder.PROJECTOR),
            0);
    AdapterId id = new AdapterId("acme", "zeros");
    refused(
        () -> bench.upload(id, zeros, NoopPolicy.REFUSE, AfterUpload.ACTIVATE),
        "changes nothing on a fixed probe");
    assertThatThrownBy(() -> bench.registry().get(id)).hasMessage("There is no adapter 'zeros'");

    bench.upload(id, zeros, NoopPolicy.ALLOW, AfterUpload.ACTIVATE);
    assertThat(scored("zeros")).isEqualTo(scored("base"));
    Asked asked = Asked.of(bench.engine(), "acme", "zeros", "What is this?");
    assertThat(asked.tokens())
        .isEqualTo(Asked.of(bench.engine(), "acme", "base", "What is this?").tokens());
    assertThat(asked.servedBy().adapterDigest())
        .isEqualTo(bench.registry().get(id).active().orElseThrow().digest());
  }

  @Test
  void anAdapterThatMatchesNothingIsRefused() {
    PeftFolder other = changed("other", weights -> weights.renamed(name -> "module.x." + name));
    refused(() -> bench.serve(new AdapterId("acme", "none"), other), "module.x.");
  }

  @Test
  void anAdapterThatMatchesInPartIsRefusedByTheTensorsName() {
    String missing =
        SA_PROJ.readWeights().tensors().keySet().stream()
            .filter(name -> name.contains("v_proj.lora_B"))
            .findFirst()
            .orElseThrow();
    PeftFolder half = changed("half", weights -> weights.without(missing));
    refused(() -> bench.serve(new AdapterId("acme", "half"), half), "lora_B", "layers.0", "v_proj");
    PeftFolder more =
        changed(
            "more",
            weights ->
                weights.withCopy(missing, missing.replaceFirst("layers\\.[0-9]+", "layers.99")));
    refused(() -> bench.serve(new AdapterId("acme", "more"), more), "layers.99");
  }

  @Test
  void aDeltaForTheVisionTowerIsRefusedByName() {
    String module = "vision_tower.vision_model.encoder.layers.0.self_attn.q_proj";
    PeftFolder both =
        changed(
            "vision",
            weights ->
                weights
                    .with(
                        "base_model.model.model." + module + ".lora_A.weight",
                        DType.F32,
                        new long[] {4, 32},
                        new byte[4 * 4 * 32])
                    .with(
                        "base_model.model.model." + module + ".lora_B.weight",
                        DType.F32,
                        new long[] {32, 4},
                        new byte[4 * 4 * 32]));
    refused(() -> bench.serve(new AdapterId("acme", "vision"), both), "vision", module);
    assertThatThrownBy(() -> bench.registry().get(new AdapterId("acme", "vision")))
        .hasMessage("There is no adapter 'vision'");
  }

  private static PeftFolder changed(String name, UnaryOperator<TensorFile> change) {
    ObjectNode config = SA_PROJ.readConfig();
    return new PeftFolder(folder.resolve(name)).write(config, change.apply(SA_PROJ.readWeights()));
  }

  private static void refused(ThrowingCallable call, String... words) {
    assertThatThrownBy(call).isInstanceOf(TrimtabException.class).hasMessageContainingAll(words);
  }

  private static List<TokenLogprob> scored(String adapter) throws Exception {
    return bench
        .engine()
        .score(
            new ScoringRequest(
                "score",
                "acme",
                adapter,
                List.of(Asked.user("What is this?")),
                "A red circle and two boats.",
                Positions.PROMPT_AND_CONTINUATION,
                Optional.empty()))
        .get(60, TimeUnit.SECONDS)
        .promptTokens();
  }
}
