package io.trimtab.ort;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The inputs and outputs of a session's runs, bound to memory. Made for a loop that prepares one
 * binding per batch size, then only writes new contents into the bound memory and runs.
 *
 * <p>Binding a name again replaces what was bound. A tensor may be closed once it is bound; its
 * memory must live until the binding is closed, cleared or the name bound anew. The same memory may
 * be bound as input and output, for operators that update in place. Binding and running allocate no
 * native memory in Java.
 *
 * <p>On a CPU, and for tensors on the session's own GPU, a run reads the bound memory as it is
 * then. A host tensor bound to an input that a GPU reads is copied when it is bound, so it must be
 * bound again after its contents changed.
 *
 * <p>One thread at a time, and no other binding of the same session meanwhile.
 */
public final class OrtBinding implements AutoCloseable {
  private static final long NO_OPTIONS = 0;

  /** Where a run writes an output. */
  private sealed interface Output {
    Device device();
  }

  /** Memory of the caller, kept reachable here. */
  private record Given(OrtTensor tensor) implements Output {
    @Override
    public Device device() {
      return tensor.device();
    }
  }

  /** Memory that each run allocates. */
  private record Allocated(Device device) implements Output {}

  private final OrtSession session;
  private final OrtApi api;
  private final OrtHandle binding;

  /** What is bound, by name: keeps the tensors' memory reachable while runs may use it. */
  private final Map<String, OrtTensor> inputs = new LinkedHashMap<>();

  /** Bound outputs in the order of first binding, which is ONNX Runtime's. */
  private final Map<String, Output> outputs = new LinkedHashMap<>();

  OrtBinding(OrtSession session) {
    this.session = session;
    this.api = session.environment().api();
    this.binding =
        new OrtHandle("The binding", api.createIoBinding(session.address()), api::releaseIoBinding);
  }

  /**
   * Binds an input. ONNX Runtime checks type and shape when it runs.
   *
   * @throws IllegalArgumentException where the graph has no such input
   */
  public void bindInput(String name, OrtTensor tensor) {
    session.address();
    api.bindInput(binding.address(), session.input(name).name(), tensor.address());
    inputs.put(name, tensor);
  }

  /** Binds an output to memory of exactly its shape, which runs write. */
  public void bindOutput(String name, OrtTensor tensor) {
    session.address();
    api.bindOutput(binding.address(), session.output(name).name(), tensor.address());
    outputs.put(name, new Given(tensor));
  }

  /** Binds an output whose memory each run allocates on {@code device}; for unknown shapes. */
  public void bindOutputToDevice(String name, Device device) {
    session.address();
    long memoryInfo = session.environment().memoryInfo(device);
    api.bindOutputToDevice(binding.address(), session.output(name).name(), memoryInfo);
    outputs.put(name, new Allocated(device));
  }

  /**
   * Runs the graph, and returns when the bound outputs are written.
   *
   * @throws IllegalStateException where an input is not bound
   * @throws OrtException with ONNX Runtime's reason, such as a wrong type or shape
   */
  public void run() {
    run(NO_OPTIONS);
  }

  /** Like {@link #run()}; fails soon after {@link RunOptions#terminate}. */
  public void run(RunOptions options) {
    run(options.address());
  }

  private void run(long options) {
    long open = session.address();
    requireInputs();
    api.runWithBinding(open, options, binding.address());
  }

  /** ONNX Runtime does not check this for a binding, and leaves it to each operator. */
  private void requireInputs() {
    if (inputs.size() != session.inputCount()) {
      throw new IllegalStateException(
          "Not all inputs are bound: expected %s, bound are %s"
              .formatted(session.inputs(), inputs.keySet()));
    }
  }

  /**
   * The outputs of the last run in the order in which their names were first bound. The caller
   * closes them. Guarding their memory costs some 20 µs each; a loop binds memory of its own
   * instead.
   */
  public List<OrtTensor> outputValues() {
    session.address();
    List<OrtTensor> tensors = new ArrayList<>();
    List<Device> devices = outputs.values().stream().map(Output::device).toList();
    for (long value : api.boundOutputValues(binding.address())) {
      tensors.add(OrtTensor.owning(session.environment(), devices.get(tensors.size()), value));
    }
    return tensors;
  }

  /** Binds nothing any more. */
  public void clear() {
    api.clearBoundInputs(binding.address());
    api.clearBoundOutputs(binding.address());
    inputs.clear();
    outputs.clear();
  }

  @Override
  public void close() {
    binding.close();
    inputs.clear();
    outputs.clear();
  }
}
