package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.adapter.RevisionSource;
import io.trimtab.engine.api.ModelSelection;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.graph.WriteProgress;
import io.trimtab.testing.CheckpointCopy;
import io.trimtab.testing.ReferenceCase;
import io.trimtab.testing.Shared;
import io.trimtab.testing.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * As many heads of keys as of queries, which is what Vicuna in LLaVA-1.5 has and no reference
 * checkpoint: the reference with each of its key and value heads repeated for the queries that
 * share it, which answers the same.
 */
class MultiHeadAttentionTest {
  private static final String CHECKPOINT = "reference/llava-1.5";
  private static final int HEADS = 6;
  private static final int KEY_VALUE_HEADS = 2;

  @TempDir Path folder;

  @Test
  void aHeadForEachQueryAnswersAsTheReference() throws IOException {
    copyTexts();
    CheckpointCopy.llava15()
        .withConfig(
            config -> ((ObjectNode) config.get("text_config")).put("num_key_value_heads", HEADS))
        .withWeights(MultiHeadAttentionTest::repeated)
        .write(folder);
    try (Engine engine =
        Engine.open(
            ModelSelection.of(folder, Path.of("target", "engine-test-data"))
                .with(RotaryFrequencies.BFLOAT16),
            OpenedEngines.options(8, 512),
            RevisionSource.none(),
            Clock.systemUTC(),
            WriteProgress.silent())) {
      engine.start();
      for (ReferenceCase reference : ReferenceCase.of(CHECKPOINT)) {
        assertThat(
                new Question(reference.messages(), ParityTest.TWELVE_TOKENS)
                    .ask(engine).tokenIds().stream().mapToLong(id -> id).toArray())
            .as("%s", reference)
            .isEqualTo(reference.expected().longs("generated"));
      }
    }
  }

  private void copyTexts() throws IOException {
    try (Stream<Path> files = Files.list(Shared.path(CHECKPOINT))) {
      for (Path file : files.filter(each -> !each.toString().endsWith("safetensors")).toList()) {
        if (Files.isRegularFile(file)) {
          Files.copy(file, folder.resolve(file.getFileName()));
        }
      }
    }
  }

  private static TensorFile repeated(TensorFile weights) {
    TensorFile changed = weights;
    for (String name : weights.tensors().keySet()) {
      if (name.startsWith("language_model") && name.matches(".*\\.[kv]_proj\\.weight")) {
        TensorFile.Entry entry = weights.entry(name);
        changed =
            changed.with(
                name,
                entry.dtype(),
                new long[] {entry.shape()[0] / KEY_VALUE_HEADS * HEADS, entry.shape()[1]},
                repeatedHeads(entry.data()));
      }
    }
    return changed;
  }

  /** Query heads that share a key head lie side by side. */
  private static byte[] repeatedHeads(byte[] rows) {
    int head = rows.length / KEY_VALUE_HEADS;
    byte[] repeated = new byte[head * HEADS];
    for (int i = 0; i < HEADS; i++) {
      int from = i / (HEADS / KEY_VALUE_HEADS) * head;
      System.arraycopy(rows, from, repeated, i * head, head);
    }
    return repeated;
  }
}
