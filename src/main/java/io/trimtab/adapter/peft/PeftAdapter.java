package io.trimtab.adapter.peft;

import java.util.List;

/**
 * A PEFT folder, read and checked against a base model: a delta for each of some linear layers. Its
 * tensors are good as long as the arena is open that they were mapped into.
 *
 * @param modules in canonical order: decoder layers by number, each layer's projections in their
 *     order, then the projector's layers
 * @param digest sha-256 over targets, ranks, scalings and float32 values of all modules, hex: the
 *     same for another order of tensors, another container dtype or generation of names
 */
public record PeftAdapter(List<LoraModule> modules, String digest) {
  public PeftAdapter {
    modules = List.copyOf(modules);
  }

  /** Largest rank in use. */
  public int rank() {
    return modules.stream().mapToInt(LoraModule::rank).max().orElse(0);
  }

  /** PEFT's names of the modules it reaches, each once, in canonical order. */
  public List<String> targets() {
    return modules.stream().map(module -> module.target().wireName()).distinct().toList();
  }

  /** Numbers in all matrices. */
  public long parameters() {
    return modules.stream()
        .mapToLong(module -> module.a().shape().elements() + module.b().shape().elements())
        .sum();
  }
}
