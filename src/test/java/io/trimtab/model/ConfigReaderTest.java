package io.trimtab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.ModelConfig.GridSize;
import io.trimtab.model.ModelConfig.Llava15;
import io.trimtab.model.ModelConfig.LlavaNext;
import io.trimtab.model.ModelConfig.LlavaOnevision;
import io.trimtab.model.ModelConfig.Qwen25Vl;
import io.trimtab.testing.CheckpointCopy;
import io.trimtab.testing.Generations;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigReaderTest {
  private static final ObjectNode LLAVA = CheckpointCopy.llavaOnevision().config();
  private static final ObjectNode QWEN = CheckpointCopy.qwen25Vl().config();
  private static final ObjectNode NEXT = CheckpointCopy.llavaNext().config();
  private static final ObjectNode LLAVA_15 = CheckpointCopy.llava15().config();

  private static ModelConfig read(ObjectNode config, Consumer<ObjectNode> change) {
    ObjectNode changed = config.deepCopy();
    change.accept(changed);
    return ConfigReader.read(changed);
  }

  private static ObjectNode text(ObjectNode config) {
    return (ObjectNode) config.get("text_config");
  }

  private static void assertRefused(
      ObjectNode config, Consumer<ObjectNode> change, String message) {
    assertThatThrownBy(() -> read(config, change))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessage(message);
  }

  @Test
  void fieldsOfLlavaOnevisionAreThoseOfTheFile() {
    LlavaOnevision config = (LlavaOnevision) ConfigReader.read(LLAVA);
    assertThat(config.text())
        .isEqualTo(new TextConfig(96, 160, 3, 6, 2, 16, 773, 1e-6f, 1e6, List.of(), false, 4096));
    assertThat(config.imageTokenId()).isEqualTo(771);
    assertThat(config.vision())
        .isEqualTo(
            new ModelConfig.SiglipVision(48, 80, 2, 3, 3, 56, 14, 1e-6f, "gelu_pytorch_tanh"));
    assertThat(config.gridPinpoints()).hasSize(16).startsWith(new GridSize(56, 56));
    assertThat(config.maxTiles()).isEqualTo(4);
  }

  @Test
  void fieldsOfQwenAreThoseOfTheFile() {
    assertThat(ConfigReader.read(QWEN))
        .isEqualTo(
            new Qwen25Vl(
                new TextConfig(
                    96, 160, 3, 6, 2, 16, 782, 1e-6f, 1e6, List.of(2, 3, 3), false, 4096),
                780,
                777,
                778,
                new ModelConfig.QwenVision(64, 96, 3, 4, 3, 96, 14, 2, 2, 56, List.of(1), "silu")));
  }

  @Test
  void fieldsOfLlavaNextAreThoseOfTheFile() {
    assertThat(ConfigReader.read(NEXT))
        .isEqualTo(
            new LlavaNext(
                new TextConfig(96, 160, 3, 6, 2, 16, 773, 1e-5f, 1e4, List.of(), false, 4096),
                false,
                772,
                new ModelConfig.ClipVision(48, 80, 3, 3, 3, 56, 14, 1e-5f, "quick_gelu"),
                true,
                "gelu",
                List.of(
                    new GridSize(56, 112),
                    new GridSize(112, 56),
                    new GridSize(112, 112),
                    new GridSize(168, 56),
                    new GridSize(56, 168)),
                -2,
                "default"));
    assertThat(((LlavaNext) read(NEXT, config -> config.remove("image_grid_pinpoints"))))
        .extracting(LlavaNext::gridPinpoints)
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .hasSize(5)
        .startsWith(new GridSize(336, 672));
  }

  /** llava-hf/llava-1.5-7b-hf leaves out nearly everything that is Llama's or CLIP's default. */
  @Test
  void whatPublishedCheckpointsLeaveOutIsTransformersDefault() throws JsonProcessingException {
    Llava15 config =
        (Llava15)
            published(
                """
                {"model_type": "llava", "image_token_index": 32000, "projector_hidden_act": "gelu",
                 "text_config": {"model_type": "llama", "max_position_embeddings": 4096,
                   "rms_norm_eps": 1e-05, "vocab_size": 32064},
                 "vision_config": {"model_type": "clip_vision_model", "hidden_size": 1024,
                   "image_size": 336, "intermediate_size": 4096, "num_attention_heads": 16,
                   "num_hidden_layers": 24, "patch_size": 14},
                 "vision_feature_layer": -2, "vision_feature_select_strategy": "default"}
                """);
    assertThat(config.text())
        .isEqualTo(
            new TextConfig(
                4096, 11_008, 32, 32, 32, 128, 32_064, 1e-5f, 1e4, List.of(), false, 4096));
    assertThat(config.vision())
        .isEqualTo(new ModelConfig.ClipVision(1024, 4096, 24, 16, 3, 336, 14, 1e-5f, "quick_gelu"));
    assertThat(config.attentionBias()).isFalse();
    assertThat(config.featuresPerTile()).isEqualTo(576);
  }

  @Test
  void mistralAttendsWithinItsWindow() throws JsonProcessingException {
    assertThat(mistral("\"sliding_window\": null").maxPositionEmbeddings()).isEqualTo(32_768);
    assertThat(mistral("\"sliding_window\": 8192").maxPositionEmbeddings()).isEqualTo(8192);
    // What transformers takes where the file is silent.
    assertThat(mistral("\"hidden_act\": \"silu\"").maxPositionEmbeddings()).isEqualTo(4096);
    assertThat(mistral("\"sliding_window\": null"))
        .isEqualTo(
            new TextConfig(
                4096, 14_336, 32, 32, 8, 128, 32_064, 1e-5f, 1e6, List.of(), false, 32_768));
  }

  private static TextConfig mistral(String window) throws JsonProcessingException {
    return published(
            """
            {"model_type": "llava_next", "image_token_index": 32000, "image_grid_pinpoints": [[336, 672]],
             "text_config": {"model_type": "mistral", "intermediate_size": 14336,
               "max_position_embeddings": 32768, "num_key_value_heads": 8, "rms_norm_eps": 1e-05,
               "rope_theta": 1000000.0, "vocab_size": 32064, WINDOW},
             "vision_config": {"model_type": "clip_vision_model", "image_size": 336, "patch_size": 14}}
            """
                .replace("WINDOW", window))
        .text();
  }

  /** llava-hf/llava-interleave-qwen-0.5b-hf: SigLIP and Qwen2 under LLaVA-1.5's model_type. */
  @Test
  void oneSquareMayBeSeenBySiglipAndReadByQwen() {
    Llava15 config =
        (Llava15)
            read(
                LLAVA_15,
                changed -> {
                  text(changed).put("model_type", "qwen2");
                  ((ObjectNode) changed.get("vision_config"))
                      .put("model_type", "siglip_vision_model");
                  changed.put("vision_feature_select_strategy", "full");
                });
    assertThat(config.attentionBias()).isTrue();
    assertThat(config.vision()).isInstanceOf(ModelConfig.SiglipVision.class);
    assertThat(config.featuresPerTile()).isEqualTo(16);
  }

  @Test
  void allOfClipsRowsAreOneMoreThanThePatches() {
    Llava15 config =
        (Llava15) read(LLAVA_15, changed -> changed.put("vision_feature_select_strategy", "full"));
    assertThat(config.featuresPerTile()).isEqualTo(17);
  }

  /** As people edit a file: beside what was there before. */
  @Test
  void scaledRotaryEmbeddingsAreRefusedWhereverTheyAreAskedFor() {
    String refused = "config.json has the rope type 'yarn', expected default or mrope";
    assertRefused(
        QWEN,
        config -> {
          text(config).remove("rope_parameters");
          text(config)
              .putObject("rope_scaling")
              .put("type", "yarn")
              .put("rope_type", "default")
              .putArray("mrope_section")
              .add(2)
              .add(3)
              .add(3);
        },
        refused);
    assertRefused(
        QWEN, config -> text(config).putObject("rope_scaling").put("rope_type", "yarn"), refused);
    assertRefused(
        LLAVA,
        config -> {
          text(config).putNull("rope_parameters");
          text(config).putObject("rope_scaling").put("type", "yarn");
        },
        refused);
  }

  @Test
  void aDecoderOfAnotherKindIsRefusedByName() {
    assertRefused(
        LLAVA,
        config -> text(config).put("model_type", "qwen3"),
        "config.json has the model_type 'qwen3', expected qwen2");
    assertRefused(
        QWEN,
        config -> text(config).put("model_type", "llama"),
        "config.json has the model_type 'llama', expected qwen2_5_vl_text");
  }

  @Test
  void whatIsNotBuiltOfTheLlavasIsRefusedByName() {
    assertRefused(
        LLAVA,
        config -> config.put("vision_feature_select_strategy", "default"),
        "config.json has the vision_feature_select_strategy 'default' with a siglip_vision_model,"
            + " expected full");
    assertRefused(
        LLAVA_15,
        config -> text(config).put("model_type", "gemma"),
        "config.json has the language model 'gemma', expected llama, mistral or qwen2");
    assertRefused(
        LLAVA_15,
        config -> text(config).put("attention_bias", true),
        "config.json has attention_bias true; expected projections without");
    assertRefused(
        NEXT,
        config -> text(config).put("mlp_bias", true),
        "config.json has mlp_bias true; expected projections without");
    assertRefused(
        NEXT,
        config -> config.put("vision_feature_select_strategy", "full"),
        "config.json has the vision_feature_select_strategy 'full' with a tower that has a class"
            + " token, expected default: tiles are stitched without it");
    assertRefused(
        LLAVA_15,
        config -> config.put("vision_feature_select_strategy", "cls"),
        "config.json has the vision_feature_select_strategy 'cls' with a clip_vision_model,"
            + " expected default or full");
    assertRefused(
        LLAVA_15,
        config -> ((ObjectNode) config.get("vision_config")).put("model_type", "pixtral"),
        "config.json has the vision tower 'pixtral', expected clip_vision_model or"
            + " siglip_vision_model");
    assertRefused(
        LLAVA_15,
        config -> config.putArray("vision_feature_layer").add(-2).add(-5),
        "config.json has several vision_feature_layer [-2,-5], expected one number");
  }

  private static ModelConfig published(String json) throws JsonProcessingException {
    return ConfigReader.read(new ObjectMapper().readTree(json));
  }

  @Test
  void bothLayoutsOfLlavaOnevisionAreTheSame() {
    ModelConfig expected = ConfigReader.read(LLAVA);
    assertThat(read(LLAVA, Generations::oldLlavaConfig)).isEqualTo(expected);
    assertThat(read(LLAVA, Generations::newPlaceholderName)).isEqualTo(expected);
  }

  @Test
  void allLayoutsOfQwenAreTheSame() {
    ModelConfig expected = ConfigReader.read(QWEN);
    assertThat(read(QWEN, Generations::flatQwenConfig)).isEqualTo(expected);
    assertThat(read(QWEN, config -> Generations.oldRotarySettings(text(config))))
        .isEqualTo(expected);
  }

  @Test
  void aFieldLeftOutIsWhatTheFamilyTakesForIt() {
    Consumer<ObjectNode> sparse =
        config -> {
          text(config).remove(List.of("rms_norm_eps", "num_key_value_heads"));
          ((ObjectNode) text(config).get("rope_parameters")).remove("rope_theta");
        };
    TextConfig llava = read(LLAVA, sparse).text();
    assertThat(llava.rmsNormEpsilon()).isEqualTo(1e-6f);
    assertThat(llava.ropeTheta()).isEqualTo(1e4);
    assertThat(llava.keyValueHeads()).isEqualTo(6);
    TextConfig qwen = read(QWEN, sparse).text();
    assertThat(qwen.rmsNormEpsilon()).isEqualTo(1e-5f);
    assertThat(qwen.ropeTheta()).isEqualTo(1e6);
  }

  @Test
  void aWidthOfTheHeadsOfItsOwnIsTaken() {
    assertThat(read(LLAVA, config -> text(config).put("head_dim", 32)).text().headDim())
        .isEqualTo(32);
  }

  @Test
  void embeddingsAreTiedWhereverTheFileSaysSo() {
    assertThat(read(QWEN, config -> config.put("tie_word_embeddings", true)).text())
        .extracting(TextConfig::tieWordEmbeddings)
        .isEqualTo(true);
    assertThat(read(QWEN, config -> text(config).put("tie_word_embeddings", true)).text())
        .extracting(TextConfig::tieWordEmbeddings)
        .isEqualTo(true);
  }

  @Test
  void anUnknownFamilyIsToldTheOnesServed() {
    assertRefused(
        LLAVA,
        config -> config.put("model_type", "llava_next_video"),
        "config.json has the model_type 'llava_next_video'; the families served are"
            + " llava_onevision, qwen2_5_vl, llava_next, llava");
  }

  /** Field, its JSON and the message; the field is one of text_config's. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "hidden_size | null | config.json lacks the field hidden_size",
        "hidden_size | 96.5 | config.json has 96.5 in hidden_size, expected a whole number above 0",
        "num_attention_heads | 0 | config.json has 0 in num_attention_heads, expected a whole number above 0",
        "vocab_size | 99999999999 | config.json has 99999999999 in vocab_size, expected a whole number above 0",
        "num_attention_heads | 7 | config.json has the hidden_size 96, which 7 heads don't divide",
        "num_attention_heads | 32 | config.json gives a head 3 dimensions, expected an even number",
        "num_key_value_heads | 4 | config.json has 6 attention heads over 4 key and value heads, expected a multiple",
        "head_dim | 32 | config.json has the mrope_section [2, 3, 3], expected three that sum to 16",
        "hidden_act | \"gelu\" | config.json has the hidden_act 'gelu', expected silu",
        "use_sliding_window | true | config.json has use_sliding_window true; only full attention is built",
        "rope_parameters | {\"rope_type\": \"yarn\"} | config.json has the rope type 'yarn', expected default or mrope",
        "rope_parameters | {\"type\": \"linear\"} | config.json has the rope type 'linear', expected default or mrope",
        "rope_parameters | {\"mrope_section\": [4, 4]} | config.json has the mrope_section [4, 4], expected three that sum to 8",
        "rope_parameters | {} | config.json lacks the rotary embedding's mrope_section"
      })
  void textFieldsThatCannotBeServedAreRefusedByName(String field, String json, String message)
      throws JsonProcessingException {
    var value = new ObjectMapper().readTree(json);
    assertRefused(QWEN, config -> text(config).set(field, value), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "image_grid_pinpoints | [[56, 56], [112]] | config.json has [112] in image_grid_pinpoints, expected [height, width]",
        "image_token_index | -1 | config.json has -1 in image_token_index, expected a whole number from 0",
        "vision_aspect_ratio | \"pad\" | config.json has the vision_aspect_ratio 'pad', expected anyres_max_N",
        "vision_feature_layer | [-2, -1] | config.json has several vision_feature_layer [-2,-1], expected one number",
        "vision_config | null | config.json lacks the field vision_config",
        "vision_config | {\"model_type\": \"clip_vision_model\"} | config.json has the model_type 'clip_vision_model', expected siglip_vision_model"
      })
  void fieldsOfLlavaThatCannotBeServedAreRefusedByName(String field, String json, String message)
      throws JsonProcessingException {
    var value = new ObjectMapper().readTree(json);
    assertRefused(LLAVA, config -> config.set(field, value), message);
  }

  @Test
  void aTowerThatItsHeadsDoNotDivideIsRefused() {
    assertRefused(
        LLAVA,
        config -> ((ObjectNode) config.get("vision_config")).put("num_attention_heads", 5),
        "config.json has a vision tower of width 48, which 5 heads don't divide");
    assertRefused(
        QWEN,
        config -> ((ObjectNode) config.get("vision_config")).put("num_heads", 5),
        "config.json has a vision tower of width 64, which 5 heads don't divide");
  }
}
