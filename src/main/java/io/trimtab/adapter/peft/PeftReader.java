package io.trimtab.adapter.peft;

import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.peft.BaseModules.Module;
import io.trimtab.adapter.peft.PeftNames.Half;
import io.trimtab.adapter.peft.PythonPattern.Budget;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.ModelConfig;
import io.trimtab.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reads the two files that PEFT writes for a LoRA adapter and checks them against a base model: the
 * delta is served whole or not at all. Every tensor must be half of the delta of a layer of the
 * base that the configuration targets, and every layer that it targets and an adapter reaches must
 * have both halves. Nothing in the files is trusted. Safe for use by many threads.
 */
public final class PeftReader {
  /** A second or so; a real adapter takes a hundredth. */
  private static final long MATCH_STEPS_MAX = 50_000_000;

  private final BaseModules base;
  private final AdapterLimits limits;

  public PeftReader(ModelConfig base, AdapterLimits limits) {
    this.base = new BaseModules(base);
    this.limits = limits;
  }

  /**
   * The adapter, its tensors mapped for as long as {@code arena} is open.
   *
   * @param config adapter_config.json
   * @param weights adapter_model.safetensors
   * @throws TrimtabException INVALID_ARGUMENT with all that is wrong, the first few problems in
   *     words and the others counted; UNAVAILABLE where the disk fails
   */
  public PeftAdapter read(Path config, Path weights, Arena arena) {
    PeftCheck check = check(config, weights, arena);
    return check
        .adapter()
        .orElseThrow(
            () ->
                TrimtabException.invalid(
                    "The adapter is refused: " + String.join("; ", check.errors())));
  }

  /**
   * The same checks as a report; bad input is no exception here.
   *
   * @param config adapter_config.json
   * @param weights adapter_model.safetensors
   * @throws TrimtabException UNAVAILABLE where the disk fails
   */
  public PeftCheck check(Path config, Path weights, Arena arena) {
    Problems problems = new Problems();
    Optional<PeftConfig> settings = settings(config, problems);
    Optional<PeftTensors> tensors =
        attempt(problems, () -> PeftFiles.mapWeights(weights, limits.weightsBytesMax(), arena))
            .map(mapped -> PeftTensors.place(mapped, base, problems));
    List<LoraModule> modules = List.of();
    if (settings.isPresent() && tensors.isPresent()) {
      modules =
          attempt(problems, () -> modules(settings.orElseThrow(), tensors.orElseThrow(), problems))
              .orElse(List.of());
    }
    return new PeftCheck(
        problems.isEmpty() ? Optional.of(adapter(modules)) : Optional.empty(),
        tensors.map(PeftTensors::matched).orElse(0),
        tensors.map(PeftTensors::total).orElse(0),
        problems.list());
  }

  private Optional<PeftConfig> settings(Path file, Problems problems) {
    return attempt(problems, () -> PeftFiles.readConfig(file, limits.configBytesMax()))
        .flatMap(
            json -> {
              PeftSettings.check(json, base.family(), problems);
              return PeftConfigReader.read(json, limits.maxRank(), problems);
            });
  }

  /** Deltas of all layers that file and configuration agree on, in canonical order. */
  private List<LoraModule> modules(PeftConfig config, PeftTensors tensors, Problems problems) {
    Budget budget = new Budget(MATCH_STEPS_MAX);
    DeltaCheck delta = new DeltaCheck(problems, new FloatPieces());
    config.targets().requireReachable(base, budget, problems);
    Set<Module> inFile = tensors.modules();
    Set<Module> targeted = config.targets().among(base.all(), inFile, budget);
    List<LoraModule> modules = new ArrayList<>();
    for (Module module : base.all()) {
      if (inFile.contains(module) && !targeted.contains(module)) {
        problems.add(
            "the file has tensors of %s, which the config does not target"
                .formatted(module.canonical()));
      }
      if (inFile.contains(module) || targeted.contains(module)) {
        Optional<Tensor> a = half(module, Half.A, tensors, problems);
        Optional<Tensor> b = half(module, Half.B, tensors, problems);
        if (a.isPresent() && b.isPresent()) {
          int rank = config.rankOf(module, budget);
          float scaling = config.scalingOf(module, budget);
          delta
              .check(module, a.orElseThrow(), b.orElseThrow(), rank, scaling)
              .ifPresent(modules::add);
        }
      }
    }
    return modules;
  }

  private static Optional<Tensor> half(
      Module module, Half half, PeftTensors tensors, Problems problems) {
    Optional<Tensor> tensor = tensors.find(module, half);
    if (tensor.isEmpty()) {
      problems.add(
          "the file has no %s of %s, which the config targets"
              .formatted(half.peftName(), module.canonical()));
    }
    return tensor;
  }

  private static PeftAdapter adapter(List<LoraModule> modules) {
    return new PeftAdapter(modules, PeftDigest.of(modules, new FloatPieces()));
  }

  private static <T> Optional<T> attempt(Problems problems, Supplier<T> read) {
    try {
      return Optional.of(read.get());
    } catch (TrimtabException e) {
      if (e.code() != ErrorCode.INVALID_ARGUMENT) {
        throw e;
      }
      problems.add(e);
      return Optional.empty();
    }
  }
}
