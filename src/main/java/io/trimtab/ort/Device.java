package io.trimtab.ort;

/** Where a session runs and a tensor's memory lies. */
public sealed interface Device {
  /** The host's processor and memory. */
  record Cpu() implements Device {}

  /** One NVIDIA GPU, by its index among those visible. */
  record Cuda(int index) implements Device {
    public Cuda {
      if (index < 0) {
        throw new IllegalArgumentException("Expected a GPU index from 0, got " + index);
      }
    }
  }

  static Device cpu() {
    return new Cpu();
  }

  static Device cuda(int index) {
    return new Cuda(index);
  }
}
