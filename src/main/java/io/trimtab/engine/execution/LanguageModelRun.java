package io.trimtab.engine.execution;

import io.trimtab.engine.delta.BoundDeltas;
import io.trimtab.engine.sampling.LogitsRow;
import io.trimtab.engine.sampling.LogitsRow.Coverage;
import io.trimtab.ort.Device;
import io.trimtab.ort.OrtBinding;
import io.trimtab.ort.OrtTensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A prepared run of the language model: a binding over memory that stays, so that a run writes
 * contents and calls. Owned by the step loop's thread.
 */
public final class LanguageModelRun implements AutoCloseable {
  /**
   * What runs share a binding.
   *
   * @param slot first slot of the key-value cache
   * @param batch sequences, in consecutive slots
   * @param tokens of each sequence
   * @param rows of logits
   */
  record Form(int slot, int batch, int tokens, int rows, Coverage coverage) {}

  /** An input in host memory, by name. */
  record HostInput(String name, OrtTensor tensor) {}

  private final Form form;
  private final OrtBinding binding;
  private final List<HostInput> hostInputs;
  private final List<OrtTensor> owned;
  private final LogitsRow logits;
  private final Device device;
  private final List<DeltaNames> deltaNames;

  /** Null after a binding that failed half way: then every site is bound anew. */
  private @Nullable BoundDeltas deltas;

  /** Names of the two inputs of one site, in order of the sites' indices. */
  record DeltaNames(String a, String b) {}

  /**
   * @param hostInputs inputs whose contents change from run to run
   * @param owned tensors that this run closes
   * @param logits over the bound outputs
   * @param deltas bound already, at all sites
   */
  LanguageModelRun(
      Form form,
      OrtBinding binding,
      List<HostInput> hostInputs,
      List<OrtTensor> owned,
      LogitsRow logits,
      Device device,
      List<DeltaNames> deltaNames,
      BoundDeltas deltas) {
    this.form = form;
    this.binding = binding;
    this.hostInputs = List.copyOf(hostInputs);
    this.owned = List.copyOf(owned);
    this.logits = logits;
    this.device = device;
    this.deltaNames = deltaNames;
    this.deltas = deltas;
  }

  Form form() {
    return form;
  }

  /** A GPU's binding copies host inputs when they are bound, so after their contents changed. */
  void bindHostInputs() {
    switch (device) {
      case Device.Cpu ignored -> {}
      case Device.Cuda ignored ->
          hostInputs.forEach(input -> binding.bindInput(input.name(), input.tensor()));
    }
  }

  /**
   * Binds deltas where they differ from what is bound. What was bound before may be closed by now:
   * its tensors are told apart by identity alone.
   */
  void bind(BoundDeltas next) {
    if (next == deltas) {
      return;
    }
    BoundDeltas before = deltas;
    deltas = null;
    for (int site = 0; site < deltaNames.size(); site++) {
      if (before == null || next.a(site) != before.a(site)) {
        DeltaNames names = deltaNames.get(site);
        binding.bindInput(names.a, next.a(site));
        binding.bindInput(names.b, next.b(site));
      }
    }
    deltas = next;
  }

  LogitsRow run() {
    binding.run();
    return logits;
  }

  @Override
  public void close() {
    binding.close();
    owned.forEach(OrtTensor::close);
  }
}
