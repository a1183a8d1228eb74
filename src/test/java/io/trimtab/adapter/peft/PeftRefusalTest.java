package io.trimtab.adapter.peft;

import static io.trimtab.adapter.peft.PeftCase.LLAVA;
import static io.trimtab.adapter.peft.PeftCase.QWEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adapter.AdapterLimits;
import io.trimtab.tensor.DType;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.TensorFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeftRefusalTest {
  private static final String LAYER = "base_model.model.model.language_model.layers.0.self_attn.";
  private static final PeftCase SOUND = PeftCase.reference(LLAVA, "sa-proj");

  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "peft_type | \"IA3\" | peft_type is 'IA3', expected LORA",
        "use_dora | true | use_dora is set: DoRA is not served",
        "modules_to_save | [\"lm_head\"] | modules_to_save is set",
        "bias | \"lora_only\" | bias is 'lora_only'",
        "lora_bias | true | lora_bias is set: a trained bias",
        "trainable_token_indices | [1] | trainable_token_indices is set: a trained embedding",
        "alora_invocation_tokens | [1] | alora_invocation_tokens is set",
        "target_parameters | [\"w\"] | target_parameters is set",
        "layer_replication | [[0, 1]] | layer_replication is set",
        "use_qalora | true | use_qalora is set",
        "use_bdlora | {\"nblocks\": 2} | use_bdlora is set",
        "fan_in_fan_out | true | fan_in_fan_out is set",
        "megatron_config | {\"a\": 1} | megatron_config is set",
        "arrow_config | {\"top_k\": 3} | arrow_config is set",
        "kasa_config | {\"beta\": 1} | kasa_config is set",
        "velora_config | {\"scale\": 1} | velora_config is set",
        "monteclora_config | {\"num_samples\": 1} | monteclora_config is set",
        "init_lora_weights | \"pissa_niter_16\" | init_lora_weights is 'pissa_niter_16'",
        "init_lora_weights | \"OLoRA\" | may have changed the base's weights",
        "init_lora_weights | \"corda\" | init_lora_weights is 'corda'",
        "init_lora_weights | \"loftq\" | init_lora_weights is 'loftq'",
        "init_lora_weights | \"lora_ga\" | init_lora_weights is 'lora_ga'",
        "use_newest | 3 | use_newest is set, which is not known here",
        "newest_config | {\"a\": 1} | newest_config is set",
        "with_newest | true | with_newest is set",
        "r | 0 | r is 0, expected a rank of 1 to 256",
        "r | 257 | r is 257",
        "r | 4.0 | r is 4.0",
        "r | \"4\" | r is \"4\"",
        "r | 99999999999999999999 | r is 99999999999999999999",
        "lora_alpha | null | lora_alpha is null, expected a finite number",
        "lora_alpha | 1e300 | has the scaling Infinity",
        "lora_alpha | 1e40 | has the scaling Infinity",
        "use_rslora | \"yes\" | use_rslora is \"yes\", expected true or false",
        "rank_pattern | {\"k_proj\": -1} | rank_pattern is -1",
        "rank_pattern | {\"k_(proj\": 1} | has a ( without its )",
        "rank_pattern | {\"k_proj\": 3} | expected [3, 96]: [rank, inputs]",
        "alpha_pattern | [1] | alpha_pattern is [1], expected an object",
        "target_modules | null | target_modules is null",
        "target_modules | [] | target_modules is []",
        "target_modules | [1] | target_modules is 1, expected names alone",
        "target_modules | \"q_proj\" | it matches no layer that an adapter reaches",
        "target_modules | \".*vision_tower.*q_proj\" | the tower is shared by all tenants",
        "target_modules | [\"q_proj\",\"k_proj\",\"v_proj\",\"o_proj\",\"fc1\"] | has 'fc1': a delta for the vision",
        "target_modules | [\"q_proj\",\"k_proj\",\"v_proj\",\"o_proj\",\"lm_head\"] | trained embeddings and",
        "target_modules | [\"q_proj\"] | which the config does not target",
        "target_modules | \"all-linear\" | the file has no lora_A of language_model.layers.0.mlp.gate_proj",
        "exclude_modules | [\"k_proj\"] | which the config does not target",
        "layers_to_transform | [0] | layers_to_transform is [0], expected none unless",
        "layers_pattern | \"layers\" | layers_pattern is \"layers\", expected none unless"
      })
  void settingsAreRefusedByName(String key, String value, String words) {
    assertThat(SOUND.with(key, value).refusal(dir)).contains(words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "init_lora_weights | \"Gaussian\"",
        "init_lora_weights | \"eva\"",
        "init_lora_weights | \"orthogonal\"",
        "init_lora_weights | \"mica\"",
        "init_lora_weights | false",
        "loftq_config | {\"loftq_bits\": 4}",
        "newest_group_size | 16",
        "newest_name | \"x\"",
        "use_newest | false",
        "newest_config | null",
        "newest_config | {}",
        "base_model_name_or_path | \"../../etc/passwd\"",
        "auto_mapping | null",
        "lora_dropout | 0.1"
      })
  void settingsThatDoNotMatterAreRead(String key, String value) {
    assertThat(SOUND.with(key, value).read(dir).digest()).isEqualTo(SOUND.read(dir).digest());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "base_model.model.model.vision_tower.vision_model.encoder.layers.0.self_attn.q_proj.lora_A.weight"
            + " | the tower is shared by all tenants",
        "base_model.model.model.vision_tower.encoder.layers.0.mlp.fc1.lora_B.weight"
            + " | the tower is shared by all tenants",
        LAYER + "q_proj.lora_magnitude_vector | DoRA is not served",
        LAYER + "q_proj.lora_magnitude_vector.weight | DoRA is not served",
        LAYER + "q_proj.lora_B.bias | a trained bias",
        LAYER + "q_proj.base_layer.weight | weights of the base are refused",
        LAYER + "q_proj.weight | a full weight is not served",
        LAYER + "q_proj.bias | a trained bias",
        LAYER + "q_proj.lora_A.other.weight | a full weight is not served",
        "base_model.model.model.language_model.embed_tokens.lora_embedding_A | trained embeddings",
        "base_model.model.model.language_model.embed_tokens.lora_A.weight | trained embeddings",
        "base_model.model.lm_head.lora_A.weight | trained embeddings and output heads",
        "base_model.model.model.lm_head.modules_to_save.weight | modules_to_save is not served",
        "base_model.model.model.language_model.layers.3.self_attn.q_proj.lora_A.weight"
            + " | the base has no such layer",
        "base_model.model.model.visual.merger.mlp.0.lora_A.weight | no such module in llava_onevision",
        "model.language_model.layers.0.self_attn.q_proj.lora_A.weight"
            + " | expected a name that starts with base_model.model."
      })
  void tensorsThatBelongNowhereAreRefusedByName(String name, String words) {
    String sound = LAYER + "q_proj.lora_A.weight";

    assertThat(SOUND.withWeights(w -> w.withCopy(sound, name)).refusal(dir))
        .contains("tensor " + name)
        .contains(words);
  }

  @ParameterizedTest
  @ValueSource(strings = {"q_proj.lora_A.weight", "o_proj.lora_B.weight"})
  void aPartialMatchIsRefusedAndNamesWhatIsMissing(String name) {
    String half = name.substring("q_proj.".length(), name.indexOf(".weight"));

    PeftCheck check = SOUND.withWeights(w -> w.without(LAYER + name)).check(dir);
    assertThat(check.adapter()).isEmpty();
    assertThat(check.tensorsMatched()).isEqualTo(23);
    assertThat(check.errors())
        .containsExactly(
            "the file has no %s of language_model.layers.0.self_attn.%s, which the config targets"
                .formatted(half, name.substring(0, 6)));
  }

  @Test
  void aLayerThatIsTargetedAndMissingIsRefused() {
    assertThat(SOUND.withWeights(w -> w.only(name -> !name.contains("layers.2."))).refusal(dir))
        .contains("no lora_A of language_model.layers.2.self_attn.q_proj");
  }

  @Test
  void bothGenerationsForOneLayerAreRefused() {
    String now = LAYER + "q_proj.lora_A.weight";
    String before = "base_model.model.language_model.model.layers.0.self_attn.q_proj.lora_A.weight";

    assertThat(SOUND.withWeights(w -> w.withCopy(now, before)).refusal(dir))
        .contains(now)
        .contains(before)
        .contains("expected one of them");
  }

  @Test
  void anAdapterOfTheOtherFamilyIsRefused() {
    assertThat(PeftCase.reference(QWEN, "all-linear").on(LLAVA).refusal(dir))
        .contains(
            "the adapter was made for Qwen2_5_VLForConditionalGeneration, this server serves"
                + " llava_onevision");
    assertThat(
            PeftCase.reference(QWEN, "merger").with("auto_mapping", "null").on(LLAVA).refusal(dir))
        .contains("no such module in llava_onevision");
    assertThat(SOUND.on(QWEN).refusal(dir)).contains("this server serves qwen2_5_vl");
  }

  @Test
  void wrongShapesAndTypesAreRefusedWithTheRightOnes() {
    String name = LAYER + "q_proj.lora_A.weight";

    assertThat(
            SOUND
                .withWeights(w -> w.with(name, DType.F32, new long[] {96, 4}, new byte[1536]))
                .refusal(dir))
        .contains(
            "lora_A of language_model.layers.0.self_attn.q_proj is [96, 4], expected [4, 96]");
    assertThat(
            SOUND
                .withWeights(w -> w.with(name, DType.I32, new long[] {4, 96}, new byte[1536]))
                .refusal(dir))
        .contains("is I32, expected F32, F16 or BF16");
    assertThat(
            SOUND
                .withWeights(w -> w.with(name, DType.F32, new long[] {4, 0}, new byte[0]))
                .refusal(dir))
        .contains("is [4, 0]");
  }

  @ParameterizedTest
  @CsvSource({
    "F32, 7fc00000",
    "F32, ff800000",
    "F16, 7c00",
    "F16, fe01",
    "BF16, 7f80",
    "BF16, ffff"
  })
  void aValueThatIsNotFiniteIsRefusedAndSaysWhere(DType dtype, String bits) {
    String name = LAYER + "k_proj.lora_B.weight";
    PeftCase broken =
        SOUND.withWeights(
            w -> withBits(w.as(dtype), name, 31 * 4 + 2, Integer.parseUnsignedInt(bits, 16)));

    assertThat(broken.refusal(dir))
        .contains("lora_B of language_model.layers.0.self_attn.k_proj")
        .contains("at [31, 2]");
  }

  @Test
  void aProductOfScalingAndWeightsThatAFloatCannotHoldIsRefused() {
    PeftCase large = SOUND.with("lora_alpha", "1e38");

    assertThat(
            large
                .withWeights(
                    w -> withBits(w, LAYER + "q_proj.lora_B.weight", 9, Float.floatToIntBits(-20)))
                .refusal(dir))
        .contains(
            "lora_B of language_model.layers.0.self_attn.q_proj times the scaling 2.5E37 is beyond"
                + " a float, its largest magnitude is 20.0");
  }

  @Test
  void manyProblemsAreCounted() {
    PeftCheck check =
        SOUND.withWeights(w -> w.renamed(name -> name.replace("base_model", "other"))).check(dir);

    assertThat(check.errors()).hasSize(9);
    assertThat(check.errors().getLast()).isEqualTo("and 40 more");
    assertThat(check.tensorsMatched()).isZero();
    assertThat(check.tensorsTotal()).isEqualTo(24);
  }

  @Test
  void textOfTheFileIsShownWithoutControlCharactersAndCut() {
    String name = "a\n\u001b[31m\u202e" + "x".repeat(10_000);

    assertThat(
            SOUND.withWeights(w -> w.withCopy(LAYER + "q_proj.lora_A.weight", name)).refusal(dir))
        .hasSizeLessThan(400)
        .contains("tensor a??[31m?xxx");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{\"r\": 4, \"r\": 4}",
        "{} {}",
        "{\"r\": NaN}",
        "\u0000",
        "null",
        "PK"
      })
  void aConfigThatIsNotJsonIsRefused(String text) throws IOException {
    Files.writeString(dir.resolve("adapter_config.json"), text);
    SOUND.weights().write(dir.resolve("adapter_model.safetensors"));

    assertThat(errors(AdapterLimits.defaults())).contains("adapter_config.json");
  }

  @Test
  void filesBeyondTheirBoundsAreRefused() {
    new PeftFolder(dir).write(SOUND.config(), SOUND.weights());

    assertThat(errors(new AdapterLimits(256, 100, 1000, 1, 1)))
        .contains("adapter_config.json has")
        .contains("expected up to 100")
        .contains("adapter_model.safetensors has")
        .contains("expected up to 1000");
    assertThat(errors(new AdapterLimits(3, 1 << 20, 1 << 20, 1, 1)))
        .contains("r is 4, expected a rank of 1 to 3");
  }

  @Test
  void missingFilesAreRefused() {
    assertThat(errors(AdapterLimits.defaults()))
        .contains("expected adapter_config.json, there is none")
        .contains("expected adapter_model.safetensors, there is none");
  }

  @Test
  void picklesAreRefused() throws IOException {
    for (byte[] start :
        List.of(
            new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0, 0},
            new byte[] {(byte) 0x80, 2, '}', 'q', 0, 0, 0, 0, 0})) {
      new PeftFolder(dir).write(SOUND.config(), SOUND.weights());
      Files.write(dir.resolve("adapter_model.safetensors"), start);

      assertThat(errors(AdapterLimits.defaults())).contains("is a pickle or zip file");
    }
  }

  @Test
  void aHeaderWhoseLengthLooksLikeAPickleIsRead() {
    String tensor = "{\"x\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}%s}";
    for (int length : new int[] {640, 896, 1152, 1408}) {
      String header = tensor.formatted(" ".repeat(length - tensor.length() + 2));

      assertThat(refusalOf(header, 4)).startsWith("tensor x: a full weight is not served");
    }
  }

  @Test
  void headersThatLieAreRefused() throws IOException {
    String tensor = "\"%s\": {\"dtype\": \"F32\", \"shape\": [%s], \"data_offsets\": [%s]}";
    String a = tensor.formatted("a", "2", "0, 8");

    assertThat(refusalOf("{" + a + ", " + tensor.formatted("b", "2", "4, 12") + "}", 12))
        .contains("overlap");
    assertThat(refusalOf("{" + a + ", " + a + "}", 8)).contains("Duplicate field");
    assertThat(refusalOf("{" + tensor.formatted("a", "2", "0, 9223372036854775807") + "}", 8))
        .contains("truncated");
    assertThat(refusalOf("{" + tensor.formatted("a", "4611686018427387904, 8", "0, 8") + "}", 8))
        .contains("beyond 2^63");
    assertThat(refusalOf("{}", 0)).contains("has no tensors");
    ByteBuffer claim = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(2L << 30);
    Files.write(dir.resolve("adapter_model.safetensors"), claim.array());
    assertThat(errors(AdapterLimits.defaults())).contains("claims a header of 2147483648 bytes");
  }

  private String refusalOf(String header, int dataBytes) {
    new PeftFolder(dir).write(SOUND.config(), SOUND.weights());
    TensorFile.write(dir.resolve("adapter_model.safetensors"), header, new byte[dataBytes]);
    return errors(AdapterLimits.defaults());
  }

  private String errors(AdapterLimits limits) {
    PeftFolder folder = new PeftFolder(dir);
    try (Arena arena = Arena.ofConfined()) {
      PeftCheck check =
          new PeftReader(SOUND.base(), limits).check(folder.config(), folder.weights(), arena);
      assertThat(check.adapter()).isEmpty();
      return String.join("; ", check.errors());
    }
  }

  private static TensorFile withBits(TensorFile file, String name, int index, int bits) {
    TensorFile.Entry entry = file.entry(name);
    ByteBuffer data = ByteBuffer.wrap(entry.data().clone()).order(ByteOrder.LITTLE_ENDIAN);
    if (entry.dtype() == DType.F32) {
      data.putInt(index * 4, bits);
    } else {
      data.putShort(index * 2, (short) bits);
    }
    return file.with(name, entry.dtype(), entry.shape(), data.array());
  }
}
