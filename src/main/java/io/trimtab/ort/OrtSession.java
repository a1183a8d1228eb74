package io.trimtab.ort;

import io.trimtab.tensor.DType;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A graph, loaded to run on one device. It is run through an {@link OrtBinding}, on one thread at a
 * time; that thread need not be the one that opened it. Closed after its bindings and device
 * memory; a binding of a closed session throws.
 */
public final class OrtSession implements AutoCloseable {
  /** A name as a C string that lives as long as the session. */
  record Port(TensorInfo info, long name) {}

  private final OrtEnvironment environment;
  private final Device device;
  private final OrtHandle session;
  private final Arena names = Arena.ofShared();
  private final Map<String, Port> inputs;
  private final Map<String, Port> outputs;

  private OrtSession(OrtEnvironment environment, Path model, SessionOptions options) {
    this.environment = environment;
    this.device = options.device();
    OrtApi api = environment.api();
    this.session =
        new OrtHandle(
            "The session of " + model.getFileName(),
            create(environment, model, options),
            api::releaseSession);
    try {
      this.inputs = ports(inputInfos(api, session.address()));
      this.outputs = ports(outputInfos(api, session.address()));
    } catch (RuntimeException refused) {
      close();
      throw refused;
    }
  }

  /**
   * Loads {@code model} with its external data from the same folder.
   *
   * @throws OrtException with ONNX Runtime's reason: no such file, an invalid graph, no such device
   */
  public static OrtSession open(OrtEnvironment environment, Path model, SessionOptions options) {
    return new OrtSession(environment, model, options);
  }

  /** The graph's inputs in its order. */
  public List<TensorInfo> inputs() {
    return inputs.values().stream().map(Port::info).toList();
  }

  /** The graph's outputs in its order. */
  public List<TensorInfo> outputs() {
    return outputs.values().stream().map(Port::info).toList();
  }

  public Device device() {
    return device;
  }

  /** A new binding with nothing bound; the caller closes it. */
  public OrtBinding binding() {
    return new OrtBinding(this);
  }

  int inputCount() {
    return inputs.size();
  }

  OrtEnvironment environment() {
    return environment;
  }

  long address() {
    return session.address();
  }

  Port input(String name) {
    return port(inputs, "input", name);
  }

  Port output(String name) {
    return port(outputs, "output", name);
  }

  private Port port(Map<String, Port> ports, String kind, String name) {
    Port port = ports.get(name);
    if (port == null) {
      throw new IllegalArgumentException(
          "%s has no %s \"%s\"; it has %s".formatted(session, kind, name, ports.keySet()));
    }
    return port;
  }

  @Override
  public void close() {
    session.close();
    if (names.scope().isAlive()) {
      names.close();
    }
  }

  private static long create(OrtEnvironment environment, Path model, SessionOptions options) {
    OrtApi api = environment.api();
    long env = environment.address();
    try (OrtHandle handle =
        new OrtHandle("Session options", api.createSessionOptions(), api::releaseSessionOptions)) {
      long address = handle.address();
      api.setSessionGraphOptimizationLevel(address, options.optimization().level());
      if (options.intraOpThreads() > 0) {
        api.setIntraOpNumThreads(address, options.intraOpThreads());
      }
      options.config().forEach((key, value) -> api.addSessionConfigEntry(address, key, value));
      if (options.device() instanceof Device.Cuda(int index)) {
        appendCuda(api, address, index);
      }
      return api.createSession(env, model, address);
    }
  }

  private static void appendCuda(OrtApi api, long options, int index) {
    String[] keys = {"device_id"};
    String[] values = {Integer.toString(index)};
    try (OrtHandle cuda =
        new OrtHandle("CUDA options", api.createCudaOptions(), api::releaseCudaOptions)) {
      api.updateCudaOptions(cuda.address(), keys, values);
      api.appendCuda(options, cuda.address());
    }
  }

  private Map<String, Port> ports(List<TensorInfo> infos) {
    Map<String, Port> ports = new LinkedHashMap<>();
    for (TensorInfo info : infos) {
      long name = names.allocateFrom(info.name()).address();
      ports.put(info.name(), new Port(info, name));
    }
    return ports;
  }

  private static List<TensorInfo> inputInfos(OrtApi api, long session) {
    List<TensorInfo> infos = new ArrayList<>();
    for (long i = 0; i < api.inputCount(session); i++) {
      infos.add(info(api, api.inputName(session, i), api.inputTypeInfo(session, i)));
    }
    return infos;
  }

  private static List<TensorInfo> outputInfos(OrtApi api, long session) {
    List<TensorInfo> infos = new ArrayList<>();
    for (long i = 0; i < api.outputCount(session); i++) {
      infos.add(info(api, api.outputName(session, i), api.outputTypeInfo(session, i)));
    }
    return infos;
  }

  private static TensorInfo info(OrtApi api, String name, long typeInfo) {
    try {
      long tensorInfo = api.castTypeInfoToTensorInfo(typeInfo);
      if (tensorInfo == 0) {
        throw new IllegalArgumentException("Expected tensors only, \"%s\" is none".formatted(name));
      }
      DType dtype = OrtTensor.dtype(api.elementType(tensorInfo));
      long[] sizes = api.dimensions(tensorInfo);
      String[] symbols = api.symbolicDimensions(tensorInfo, sizes.length);
      List<TensorInfo.Dim> dims = new ArrayList<>();
      for (int i = 0; i < sizes.length; i++) {
        OptionalLong size = sizes[i] < 0 ? OptionalLong.empty() : OptionalLong.of(sizes[i]);
        dims.add(new TensorInfo.Dim(size, symbols[i]));
      }
      return new TensorInfo(name, dtype, dims);
    } finally {
      api.releaseTypeInfo(typeInfo);
    }
  }
}
