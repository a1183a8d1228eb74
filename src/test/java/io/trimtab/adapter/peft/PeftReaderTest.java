package io.trimtab.adapter.peft;

import static io.trimtab.adapter.peft.PeftCase.LLAVA;
import static io.trimtab.adapter.peft.PeftCase.QWEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adapter.AdapterLimits;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.graph.Projection;
import io.trimtab.tensor.DType;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.TensorFile;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PeftReaderTest {
  private static final Set<String> ALL =
      Set.of(
          "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "projector");

  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource({
    "llava-onevision, sa-proj, 12, q_proj k_proj v_proj o_proj",
    "llava-onevision, gate-up-rslora, 6, gate_proj up_proj",
    "llava-onevision, projector, 2, projector",
    "qwen2_5-vl, all-linear, 21, q_proj k_proj v_proj o_proj gate_proj up_proj down_proj",
    "qwen2_5-vl, merger, 2, projector"
  })
  void bothGenerationsOfNamesAreTheSameAdapter(
      String model, String adapter, int modules, String targets) {
    PeftAdapter now = PeftCase.reference(model, adapter).read(dir);
    PeftAdapter before = PeftCase.reference(model, adapter + "-old-names").read(dir);

    assertThat(now.modules()).hasSize(modules);
    assertThat(String.join(" ", now.targets())).isEqualTo(targets);
    assertThat(now.digest()).matches("[0-9a-f]{64}").isEqualTo(before.digest());
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void aRandomFolderOfEitherFamilyReads(DType dtype) {
    for (String model : List.of(LLAVA, QWEN)) {
      PeftFolder folder = PeftFolder.random(PeftCase.base(model), dir, 7, 3, ALL, 0.5f, dtype);
      try (Arena arena = Arena.ofConfined()) {
        PeftAdapter adapter = reader(model).read(folder.config(), folder.weights(), arena);

        int layers = PeftCase.base(model).text().layers();
        assertThat(adapter.modules()).hasSize(7 * layers + 2);
        assertThat(adapter.rank()).isEqualTo(3);
        assertThat(adapter.modules()).allMatch(module -> module.scaling() == 2);
        assertThat(adapter.modules().getFirst().target())
            .isEqualTo(new DeltaTarget.Decoder(0, Projection.Q));
        assertThat(adapter.modules().getLast().target()).isEqualTo(new DeltaTarget.Projector(2));
      }
    }
  }

  @Test
  void anAdapterOfZerosReads() {
    PeftFolder folder = PeftFolder.random(PeftCase.base(LLAVA), dir, 1, 4, Set.of("q_proj"), 0);
    try (Arena arena = Arena.ofConfined()) {
      assertThat(reader(LLAVA).read(folder.config(), folder.weights(), arena).parameters())
          .isPositive();
    }
  }

  @Test
  void theOrderOfTensorsIsNoPartOfTheDigest() {
    PeftCase adapter = PeftCase.reference(LLAVA, "sa-proj");

    assertThat(adapter.withWeights(PeftReaderTest::reversed).read(dir).digest())
        .isEqualTo(adapter.read(dir).digest());
  }

  @Test
  void theContainerIsNoPartOfTheDigest() {
    // Values that all three containers hold.
    PeftCase rough = PeftCase.reference(QWEN, "merger").withWeights(w -> rounded(w));
    String digest = rough.read(dir).digest();

    assertThat(rough.withWeights(w -> w.as(DType.BF16)).read(dir).digest()).isEqualTo(digest);
    assertThat(rough.withWeights(w -> w.as(DType.F16)).read(dir).digest()).isEqualTo(digest);
    assertThat(PeftCase.reference(QWEN, "merger").read(dir).digest()).isNotEqualTo(digest);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[\"q_proj\", \"k_proj\", \"v_proj\", \"o_proj\"]",
        "[\"self_attn.q_proj\", \"o_proj\", \"k_proj\", \"v_proj\"]",
        "'\"^model\\\\.language_model\\\\.(?!.*mlp).*_proj$\"'"
      })
  void theSpellingOfTargetsIsNoPartOfTheDigest(String targets) {
    PeftCase adapter = PeftCase.reference(LLAVA, "sa-proj");

    assertThat(adapter.with("target_modules", targets).read(dir).digest())
        .isEqualTo(adapter.read(dir).digest());
  }

  @Test
  void whatComputesDifferentlyHasAnotherDigest() {
    PeftCase adapter = PeftCase.reference(LLAVA, "sa-proj");
    String name = "base_model.model.model.language_model.layers.0.self_attn.k_proj.lora_A.weight";

    assertThat(
            List.of(
                adapter.read(dir).digest(),
                adapter.withWeights(w -> w.withOneBitTurned(name)).read(dir).digest(),
                adapter.with("lora_alpha", "9").read(dir).digest(),
                adapter.with("use_rslora", "true").read(dir).digest(),
                adapter.with("alpha_pattern", "{\"k_proj\": 1}").read(dir).digest(),
                adapter
                    .with("r", "5")
                    .withWeights(PeftReaderTest::withARankOfZeros)
                    .with("lora_alpha", "10")
                    .read(dir)
                    .digest()))
        .doesNotHaveDuplicates();
  }

  @Test
  void theDigestIsWhatItsFormatSays() throws Exception {
    PeftCase merger = PeftCase.reference(QWEN, "merger");
    String prefix = "base_model.model.model.visual.merger.mlp.";
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    sha256.update("trimtab.adapter.v1\n".getBytes(StandardCharsets.US_ASCII));
    for (int layer = 1; layer <= 2; layer++) {
      String module = prefix + (layer == 1 ? "0" : "2");
      sha256.update("projector.%d\n".formatted(layer).getBytes(StandardCharsets.US_ASCII));
      ByteBuffer numbers = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
      numbers.putInt(4).putInt(256).putInt(layer == 1 ? 256 : 96).putFloat(1);
      sha256.update(numbers.array());
      sha256.update(merger.weights().entry(module + ".lora_A.weight").data());
      sha256.update(merger.weights().entry(module + ".lora_B.weight").data());
    }

    assertThat(merger.read(dir).digest()).isEqualTo(HexFormat.of().formatHex(sha256.digest()));
  }

  @Test
  void theDefaultAdaptersNameMayStandInTensorNames() {
    PeftCase adapter = PeftCase.reference(LLAVA, "sa-proj");

    assertThat(
            adapter
                .withWeights(w -> w.renamed(name -> name.replace(".weight", ".default.weight")))
                .read(dir)
                .digest())
        .isEqualTo(adapter.read(dir).digest());
  }

  @Test
  void readThrowsWhatCheckReports() {
    PeftFolder folder = new PeftFolder(dir);
    PeftCase twice =
        PeftCase.reference(LLAVA, "sa-proj").with("use_dora", "true").with("bias", "\"all\"");
    folder.write(twice.config(), twice.weights());
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> reader(LLAVA).read(folder.config(), folder.weights(), arena))
          .isInstanceOfSatisfying(
              TrimtabException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
          .hasMessageContaining("use_dora")
          .hasMessageContaining("bias");
    }
  }

  private static PeftReader reader(String model) {
    return new PeftReader(PeftCase.base(model), AdapterLimits.defaults());
  }

  private static TensorFile reversed(TensorFile file) {
    Map<String, TensorFile.Entry> reversed = new LinkedHashMap<>();
    for (String name : new ArrayList<>(file.tensors().keySet()).reversed()) {
      reversed.put(name, file.entry(name));
    }
    return new TensorFile(reversed);
  }

  private static TensorFile rounded(TensorFile file) {
    return file.as(DType.F16).as(DType.BF16).as(DType.F16).as(DType.BF16).as(DType.F32);
  }

  /** One rank more, which adds nothing to the delta. */
  private static TensorFile withARankOfZeros(TensorFile file) {
    Map<String, TensorFile.Entry> wider = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (name, entry) -> {
              long rows = entry.shape()[0];
              long columns = entry.shape()[1];
              boolean a = name.contains("lora_A");
              long[] shape = a ? new long[] {rows + 1, columns} : new long[] {rows, columns + 1};
              byte[] data = new byte[(int) (shape[0] * shape[1] * 4)];
              for (int row = 0; row < rows; row++) {
                System.arraycopy(
                    entry.data(),
                    (int) (row * columns * 4),
                    data,
                    (int) (row * shape[1] * 4),
                    (int) (columns * 4));
              }
              wider.put(name, new TensorFile.Entry(DType.F32, shape, data));
            });
    return new TensorFile(wider);
  }
}
