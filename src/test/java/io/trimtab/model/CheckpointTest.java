package io.trimtab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import io.trimtab.testing.CheckpointCopy;
import io.trimtab.testing.Generations;
import io.trimtab.testing.Shared;
import io.trimtab.testing.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  private static final CheckpointCopy LLAVA = CheckpointCopy.llavaOnevision();
  private static final CheckpointCopy QWEN = CheckpointCopy.qwen25Vl();

  @TempDir Path folder;

  private static void assertRefused(Path folder, String message) {
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(message);
  }

  /** Shape, type and a hash of the bytes of every tensor, by canonical name. */
  private static Map<String, String> contents(Path folder) {
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      Map<String, String> contents = new TreeMap<>();
      checkpoint
          .weights()
          .all()
          .forEach(
              (name, tensor) ->
                  contents.put(
                      name,
                      "%s %s %d"
                          .formatted(
                              tensor.dtype(),
                              tensor.shape(),
                              Arrays.hashCode(Floats.toArray(tensor)))));
      return contents;
    }
  }

  @Test
  void theFolderGivesTheModelItsName() {
    try (Checkpoint checkpoint = Checkpoint.open(LLAVA.write(folder.resolve("boat")))) {
      assertThat(checkpoint.name()).isEqualTo("boat");
      assertThat(checkpoint.folder()).isEqualTo(folder.resolve("boat"));
      assertThat(checkpoint.config().family()).isEqualTo(Family.LLAVA_ONEVISION);
    }
  }

  @Test
  void allTensorsAreCounted() {
    try (Checkpoint checkpoint = Checkpoint.open(Shared.path("reference/qwen2_5-vl"))) {
      long bytes =
          QWEN.weights().tensors().values().stream().mapToLong(each -> each.data().length).sum();
      assertThat(checkpoint.weights().bytes()).isEqualTo(bytes);
      assertThat(checkpoint.weights().parameters()).isEqualTo(bytes / 2);
    }
  }

  @Test
  void bothGenerationsOfNamesAreTheSameTensors() {
    Map<String, String> llava = contents(Shared.path("reference/llava-onevision"));
    Path oldLlava = LLAVA.withWeights(Generations::oldLlavaNames).write(folder.resolve("1"));
    Path newLlava = LLAVA.withWeights(Generations::newLlavaNames).write(folder.resolve("2"));
    assertThat(contents(oldLlava)).isEqualTo(llava);
    assertThat(contents(newLlava)).isEqualTo(llava);
    assertThat(llava)
        .hasSameSizeAs(LLAVA.weights().tensors())
        .containsKeys("lm_head.weight", "image_newline", "projector.linear_1.bias");

    Map<String, String> qwen = contents(Shared.path("reference/qwen2_5-vl"));
    Path newQwen = QWEN.withWeights(Generations::newQwenNames).write(folder.resolve("3"));
    assertThat(contents(newQwen)).isEqualTo(qwen);
    assertThat(qwen)
        .hasSameSizeAs(QWEN.weights().tensors())
        .containsKeys("language_model.norm.weight", "projector.ln_q.weight");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void shardsAreTheSingleFile(int count) {
    assertThat(contents(QWEN.writeSharded(folder, count)))
        .isEqualTo(contents(Shared.path("reference/qwen2_5-vl")));
  }

  @Test
  void shardsAreFoundFromARelativeFolder() {
    Path sharded = QWEN.writeSharded(folder, 2).toAbsolutePath();
    Path relative = Path.of("").toAbsolutePath().relativize(sharded);
    assertThat(contents(relative)).hasSameSizeAs(QWEN.weights().tensors());
    assertThat(contents(relative.resolve("."))).hasSameSizeAs(QWEN.weights().tensors());
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "F32"})
  void otherContainersHoldTheSameNumbers(DType dtype) {
    Path other = LLAVA.withWeights(weights -> weights.as(dtype)).write(folder);
    try (Checkpoint reference = Checkpoint.open(Shared.path("reference/llava-onevision"));
        Checkpoint converted = Checkpoint.open(other)) {
      float[] expected = Floats.toArray(reference.weights().get("image_newline", 96));
      var tensor = converted.weights().get("image_newline", 96);
      assertThat(tensor.dtype()).isEqualTo(dtype);
      // Of the reference's weights, float16 rounds only those below 2^-14.
      assertThat(Floats.toArray(tensor)).containsExactly(expected, within(0x1p-25f));
    }
  }

  @Test
  void aFolderWithoutAConfigurationIsRefused() {
    assertRefused(folder, "Expected a model folder with a config.json, got " + folder);
    assertRefused(folder.resolve("none"), "Expected a model folder with a config.json, got ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"model_type\": ", "{]", "model"})
  void aConfigurationThatIsNotJsonIsRefused(String text) throws IOException {
    Files.writeString(folder.resolve("config.json"), text);
    assertRefused(folder, "config.json is not JSON: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "null", "{}"})
  void aConfigurationWithoutAFamilyIsToldTheOnesServed(String text) throws IOException {
    Files.writeString(folder.resolve("config.json"), text);
    assertRefused(folder, "the families served are llava_onevision, qwen2_5_vl");
  }

  @Test
  void aFolderWithoutWeightsIsRefused() throws IOException {
    QWEN.write(folder);
    Files.move(folder.resolve("model.safetensors"), folder.resolve("pytorch_model.bin"));
    assertRefused(folder, "Expected model.safetensors or model.safetensors.index.json in ");
  }

  @Test
  void aMissingShardIsRefusedByName() throws IOException {
    QWEN.writeSharded(folder, 3);
    Files.delete(folder.resolve(CheckpointCopy.shardName(1, 3)));
    assertRefused(
        folder,
        "model.safetensors.index.json names the shard 'model-00002-of-00003.safetensors',"
            + " which is not in the folder");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../outside.safetensors", "inner/w.safetensors", "inner", ".", "\\u0000"})
  void anIndexReachesNothingOutsideItsFolder(String shard) throws IOException {
    Path model = QWEN.writeSharded(folder.resolve("model"), 1);
    QWEN.weights().write(folder.resolve("outside.safetensors"));
    Files.createDirectory(model.resolve("inner"));
    QWEN.weights().write(model.resolve("inner/w.safetensors"));
    Files.writeString(
        model.resolve("model.safetensors.index.json"),
        "{\"weight_map\": {\"lm_head.weight\": \"%s\"}}".formatted(shard));
    assertRefused(model, "', which is not in the folder");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "{\"weight_map\": {}}"})
  void anIndexWithoutShardsIsRefused(String text) throws IOException {
    QWEN.writeSharded(folder, 1);
    Files.writeString(folder.resolve("model.safetensors.index.json"), text);
    assertRefused(folder, "model.safetensors.index.json names no shard in weight_map");
  }

  @Test
  void anIndexThatIsNotJsonIsRefused() throws IOException {
    QWEN.writeSharded(folder, 1);
    Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\"");
    assertRefused(folder, "model.safetensors.index.json is not JSON: ");
  }

  @Test
  void aTruncatedShardIsRefusedByName() throws IOException {
    QWEN.writeSharded(folder, 2);
    Path shard = folder.resolve(CheckpointCopy.shardName(1, 2));
    byte[] whole = Files.readAllBytes(shard);
    Files.write(shard, Arrays.copyOf(whole, whole.length - 1000));
    assertRefused(folder, "model-00002-of-00002.safetensors is not a sound safetensors file: ");
    assertRefused(folder, ": it is truncated");
  }

  @Test
  void aTensorThatTwoShardsHoldIsRefused() {
    QWEN.writeSharded(folder, 2);
    String held = QWEN.weights().tensors().keySet().iterator().next();
    Path second = folder.resolve(CheckpointCopy.shardName(1, 2));
    TensorFile.read(second).with(held, DType.F32, new long[] {1}, new byte[4]).write(second);
    assertRefused(
        folder,
        "The checkpoint holds the tensor lm_head.weight twice, the second time in"
            + " model-00002-of-00002.safetensors");
  }

  @Test
  void aTensorIsGivenWithThePromisedShapeAndAsFloatsOrNotAtAll() {
    Path written =
        QWEN.withWeights(
                weights -> weights.with("model.packed", DType.I32, new long[] {1}, new byte[4]))
            .write(folder);
    try (Checkpoint checkpoint = Checkpoint.open(written)) {
      Weights weights = checkpoint.weights();
      assertThat(weights.contains("language_model.norm.weight")).isTrue();
      assertThatThrownBy(() -> weights.get("language_model.norm.weight", 95))
          .isInstanceOf(TrimtabException.class)
          .hasMessage(
              "The tensor language_model.norm.weight has the shape [96], config.json asks for"
                  + " [95]");
      assertThatThrownBy(() -> weights.get("language_model.other", 2, 3))
          .isInstanceOf(TrimtabException.class)
          .hasMessage(
              "The checkpoint lacks the tensor language_model.other, expected with shape [2, 3]");
      assertThatThrownBy(() -> weights.get("language_model.packed", 1))
          .isInstanceOf(TrimtabException.class)
          .hasMessage("The tensor language_model.packed is I32, expected one of [F32, F16, BF16]");
    }
  }

  @Test
  void tensorsOfAClosedCheckpointFailWithoutACrash() {
    Checkpoint checkpoint = Checkpoint.open(Shared.path("reference/qwen2_5-vl"));
    var tensor = checkpoint.weights().get("language_model.norm.weight", 96);
    checkpoint.close();
    checkpoint.close();
    assertThatThrownBy(() -> Floats.toArray(tensor))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Already closed");
  }
}
