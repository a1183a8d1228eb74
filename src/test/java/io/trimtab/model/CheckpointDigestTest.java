package io.trimtab.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.tensor.DType;
import io.trimtab.testing.CheckpointCopy;
import io.trimtab.testing.Generations;
import io.trimtab.testing.Shared;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointDigestTest {
  private static final CheckpointCopy LLAVA = CheckpointCopy.llavaOnevision();
  private static final CheckpointCopy QWEN = CheckpointCopy.qwen25Vl();
  private static final String LLAVA_DIGEST = digest(Shared.path("reference/llava-onevision"));
  private static final String QWEN_DIGEST = digest(Shared.path("reference/qwen2_5-vl"));

  @TempDir Path folder;

  private static String digest(Path folder) {
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      return CheckpointDigest.of(checkpoint.config(), checkpoint.weights());
    }
  }

  /** Every adapter names the digest of its base: where this fails, all of them are orphans. */
  @Test
  void theReferenceCheckpointsKeepTheirDigests() {
    assertThat(LLAVA_DIGEST)
        .isEqualTo("ef1236ddfacb7dd177f84e6de4a94c22ba23f0cc4f2084c3c526a9a02a0d6243");
    assertThat(QWEN_DIGEST)
        .isEqualTo("a43880e61c702b5cb5f3b87455a90bcb67cf3cb829b38dca6d8c19fed05fa0a1");
  }

  @Test
  void shardsHaveTheDigestOfTheSingleFile() {
    assertThat(digest(QWEN.writeSharded(folder, 3))).isEqualTo(QWEN_DIGEST);
  }

  @Test
  void everyGenerationHasTheSameDigest() {
    CheckpointCopy oldLlava =
        LLAVA.withWeights(Generations::oldLlavaNames).withConfig(Generations::oldLlavaConfig);
    CheckpointCopy newLlava =
        LLAVA.withWeights(Generations::newLlavaNames).withConfig(Generations::newPlaceholderName);
    CheckpointCopy oldQwen = QWEN.withConfig(Generations::flatQwenConfig);
    CheckpointCopy newQwen = QWEN.withWeights(Generations::newQwenNames);
    assertThat(digest(oldLlava.write(folder.resolve("1")))).isEqualTo(LLAVA_DIGEST);
    assertThat(digest(newLlava.write(folder.resolve("2")))).isEqualTo(LLAVA_DIGEST);
    assertThat(digest(oldQwen.write(folder.resolve("3")))).isEqualTo(QWEN_DIGEST);
    assertThat(digest(newQwen.write(folder.resolve("4")))).isEqualTo(QWEN_DIGEST);
  }

  @Test
  void oneBitOfOneWeightIsAnotherModel() {
    Path other =
        QWEN.withWeights(weights -> weights.withOneBitTurned("model.norm.weight")).write(folder);
    assertThat(digest(other)).isNotEqualTo(QWEN_DIGEST);
  }

  @Test
  void anotherContainerIsAnotherModel() {
    Path other = QWEN.withWeights(weights -> weights.as(DType.F32)).write(folder);
    assertThat(digest(other)).isNotEqualTo(QWEN_DIGEST);
  }

  @Test
  void whatChangesTheComputationIsAnotherModel() {
    Path other =
        QWEN.withConfig(
                config -> ((ObjectNode) config.get("text_config")).put("rms_norm_eps", 1e-5))
            .write(folder);
    assertThat(digest(other)).isNotEqualTo(QWEN_DIGEST);
  }

  @Test
  void theFolderOfAModelIsRememberedUnderItsDigest() {
    Path model = QWEN.write(folder.resolve("model"));
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      assertThat(checkpoint.digest(folder.resolve("digests"))).isEqualTo(QWEN_DIGEST);
      assertThat(checkpoint.digest(folder.resolve("digests"))).isEqualTo(QWEN_DIGEST);
    }
    assertThat(folder.resolve("digests")).isDirectoryContaining(file -> true);
  }
}
