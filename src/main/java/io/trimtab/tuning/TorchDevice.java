package io.trimtab.tuning;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where tensors live, as PyTorch names it.
 *
 * @param name {@code cpu} or {@code cuda:N}
 */
record TorchDevice(String name, Device device) {
  private static final Pattern CUDA = Pattern.compile("cuda:(\\d{1,3})");

  /**
   * The device of that name.
   *
   * @throws TrimtabException INVALID_ARGUMENT for another name; UNAVAILABLE for a device, or a
   *     PyTorch, that is not here
   */
  static TorchDevice of(String name) {
    if (name.equals("cpu")) {
      return new TorchDevice(name, Device.cpu());
    }
    Matcher cuda = CUDA.matcher(name);
    if (!cuda.matches()) {
      throw TrimtabException.invalid(
          "The tuning device is '%s', expected cpu or cuda:N".formatted(name));
    }
    int index = Integer.parseInt(cuda.group(1));
    int present = engine().getGpuCount();
    if (index >= present) {
      throw new TrimtabException(
          ErrorCode.UNAVAILABLE,
          "The tuning device %s is not here: PyTorch sees %d CUDA devices, expected at least %d; cpu"
                  .formatted(name, present, index + 1)
              + " (trimtab.tuning.device) is always here");
    }
    return new TorchDevice(name, Device.gpu(index));
  }

  private static Engine engine() {
    try {
      return Engine.getEngine("PyTorch");
    } catch (EngineException | LinkageError e) {
      throw new TrimtabException(ErrorCode.UNAVAILABLE, "PyTorch can't be loaded: " + e, e);
    }
  }

  /**
   * A manager of tensors there.
   *
   * @param threads of PyTorch's, in the whole process; 0 leaves them as they are
   */
  PtNDManager open(int threads) {
    engine();
    if (threads > 0) {
      JniUtils.setNumThreads(threads);
    }
    return (PtNDManager) NDManager.newBaseManager(device, "PyTorch");
  }
}
