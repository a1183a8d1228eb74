package io.trimtab.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.model.ModelConfig;
import io.trimtab.tensor.DType;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.TensorFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Random adapters of many ranks and targets that really change what a bundled model answers. */
public final class AdapterBank {
  public static final Set<String> ATTENTION = Set.of("q_proj", "k_proj", "v_proj", "o_proj");
  public static final Set<String> GATE_UP = Set.of("gate_proj", "up_proj");
  static final Set<String> MLP = Set.of("gate_proj", "up_proj", "down_proj");
  static final Set<String> PROJECTOR = Set.of(PeftFolder.PROJECTOR);
  public static final Set<String> ALL = union(ATTENTION, MLP);
  static final Set<String> EVERYTHING = union(ALL, PROJECTOR);

  private final ModelConfig config;
  private final Path dir;

  public AdapterBank(ModelConfig config, Path dir) {
    this.config = config;
    this.dir = dir;
  }

  private static Set<String> union(Set<String> some, Set<String> others) {
    Set<String> all = new TreeSet<>(some);
    all.addAll(others);
    return Set.copyOf(all);
  }

  /** What a rank's delta needs for its outputs to be as large as the layer's own, or so. */
  static float amplitude(int rank) {
    return (float) (0.4 / Math.pow(rank, 0.25));
  }

  public PeftFolder make(String name, long seed, int rank, Set<String> targets) {
    return make(name, seed, rank, targets, amplitude(rank), DType.F32);
  }

  public PeftFolder make(
      String name, long seed, int rank, Set<String> targets, float amplitude, DType dtype) {
    return PeftFolder.random(config, dir.resolve(name), seed, rank, targets, amplitude, dtype);
  }

  /** The upper layers at another rank than the lower ones. */
  public PeftFolder ofTwoRanks(String name, long seed, int lower, int upper, Set<String> targets) {
    PeftFolder folder = make(name, seed, lower, targets);
    ObjectNode settings = folder.readConfig();
    String above = "layers\\.[3-9]\\.(self_attn|mlp)\\.\\w+";
    settings.putObject("rank_pattern").put(above, upper);
    settings.putObject("alpha_pattern").put(above, 2 * upper);
    TensorFile low = folder.readWeights().only(tensor -> !tensor.matches(".*layers\\.[3-9].*"));
    TensorFile high =
        make(name, seed + 1, upper, targets)
            .readWeights()
            .only(tensor -> tensor.matches(".*layers\\.[3-9].*"));
    Map<String, TensorFile.Entry> both = new LinkedHashMap<>(low.tensors());
    both.putAll(high.tensors());
    return folder.write(settings, new TensorFile(both));
  }

  /** Puts one of each kind under a name that says what it is; the names in order. */
  static Set<String> fill(FolderRevisions revisions, Path dir) {
    AdapterBank bank = new AdapterBank(revisions.config(), dir);
    Map<String, PeftFolder> made = new LinkedHashMap<>();
    made.put("sa-1", bank.make("sa-1", 1, 1, ATTENTION));
    made.put("sa-16", bank.make("sa-16", 2, 16, ATTENTION));
    made.put("gate-up-4", bank.make("gate-up-4", 3, 4, GATE_UP));
    made.put("mlp-12", bank.make("mlp-12", 4, 12, MLP, amplitude(12), DType.BF16));
    made.put("all-8", bank.make("all-8", 5, 8, ALL));
    made.put("all-64", bank.make("all-64", 6, 64, ALL, amplitude(64), DType.BF16));
    made.put("projector-40", bank.make("projector-40", 7, 40, PROJECTOR));
    made.put("everything-40", bank.make("everything-40", 8, 40, EVERYTHING));
    made.put("all-4-and-24", bank.ofTwoRanks("all-4-and-24", 9, 4, 24, ALL));
    made.forEach(revisions::put);
    revisions.put("all-8-damped", made.get("all-8"), 0.5f);
    Set<String> names = new TreeSet<>(made.keySet());
    names.add("all-8-damped");
    return names;
  }
}
