package io.trimtab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.ModelConfig.GridSize;
import io.trimtab.model.ModelConfig.LlavaOnevision;
import io.trimtab.model.ModelConfig.Qwen25Vl;
import io.trimtab.testing.CheckpointCopy;
import io.trimtab.testing.Generations;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigReaderTest {
  private static final ObjectNode LLAVA = CheckpointCopy.llavaOnevision().config();
  private static final ObjectNode QWEN = CheckpointCopy.qwen25Vl().config();

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
            + " llava_onevision, qwen2_5_vl");
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
