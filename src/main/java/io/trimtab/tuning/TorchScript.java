package io.trimtab.tuning;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Functions of PyTorch's, compiled from source text: what DJL's own operations can't do safely or
 * at all. Owned by one thread.
 *
 * <p>The text goes into an archive as {@code torch.jit.save} would have written it, and that into
 * PyTorch's loader. Arguments are tensors or lists of tensors; DJL packs neighbours into one list
 * when they are named {@code x[]}, so the arrays of a list carry such a name from their creation
 * on, and all others carry none. A list can't be empty.
 */
final class TorchScript implements AutoCloseable {
  /** Whether autograd records what is run. */
  enum Autograd {
    ON,
    OFF
  }

  /** What the messages of PyTorch's allocators have in common, by device. */
  private static final List<String> OUT_OF_MEMORY =
      List.of("out of memory", "not enough memory", "can't allocate memory");

  /** PyTorch's own version of the archive's layout. */
  private static final String ARCHIVE_VERSION = "10\n";

  private final PtNDManager manager;
  private final PtSymbolBlock block;
  private final Map<String, NDArray> methods = new HashMap<>();

  private TorchScript(PtNDManager manager, PtSymbolBlock block) {
    this.manager = manager;
    this.block = block;
  }

  /**
   * Compiles methods.
   *
   * @param methods {@code def} after {@code def}, indented by two, with {@code self: __torch__.M}
   */
  static TorchScript compile(PtNDManager manager, String methods) {
    String text =
        "class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
            + methods;
    try {
      // Without profiling: it costs more than it wins for graphs that autograd takes apart.
      JniUtils.setGraphExecutorOptimize(false);
      return new TorchScript(
          manager,
          JniUtils.loadModule(manager, new ByteArrayInputStream(archive(text)), false, false));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (EngineException e) {
      throw failure(e);
    }
  }

  private static byte[] archive(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      put(zip, "m/data.pkl", pickledModule());
      put(zip, "m/code/__torch__.py", text.getBytes(StandardCharsets.UTF_8));
      put(zip, "m/constants.pkl", latin1("\u0080\u0002)."));
      put(zip, "m/version", latin1(ARCHIVE_VERSION));
    }
    return bytes.toByteArray();
  }

  /** Protocol 2: an object of the class M whose only attribute, training, is true. */
  private static byte[] pickledModule() {
    return latin1(
        "\u0080\u0002c__torch__\nM\nq\0)\u0081}(X\u0008\0\0\0trainingq\u0001\u0088ubq\u0002.");
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Stored, not deflated: the loader maps the archive. */
  private static void put(ZipOutputStream zip, String name, byte[] data) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(data.length);
    CRC32 crc = new CRC32();
    crc.update(data);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(data);
    zip.closeEntry();
  }

  /**
   * Runs a method whose result is a tensor. The result belongs to the open {@link NDScope}.
   *
   * @throws TrimtabException RESOURCE_EXHAUSTED when out of memory, else INTERNAL
   */
  NDArray call(Autograd autograd, String method, NDList arguments) {
    NDList all = new NDList(arguments);
    all.add(methods.computeIfAbsent(method, this::mark));
    try {
      // Both are the thread's own and may have been changed since.
      JniUtils.setGraphExecutorOptimize(false);
      JniUtils.setGradMode(autograd == Autograd.ON);
      // Never in inference mode: its tensors can't enter a graph later. Gradients are off anyway.
      return IValueUtils.forward(block, all, true).singletonOrThrow();
    } catch (EngineException e) {
      throw failure(e);
    }
  }

  NDArray call(Autograd autograd, String method, NDArray... arguments) {
    return call(autograd, method, new NDList(arguments));
  }

  /** DJL takes the method's name from an argument of this name. */
  private NDArray mark(String method) {
    NDArray mark = manager.create(0f);
    NDScope.unregister(mark);
    mark.setName("module_method:" + method);
    return mark;
  }

  private static TrimtabException failure(EngineException e) {
    String message = String.valueOf(e.getMessage());
    String lower = message.toLowerCase(Locale.ROOT);
    if (OUT_OF_MEMORY.stream().anyMatch(lower::contains)) {
      return new TrimtabException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "Tuning is out of memory; a smaller micro-batch needs less: "
              + message.lines().findFirst().orElse(""),
          e);
    }
    return new TrimtabException(ErrorCode.INTERNAL, "PyTorch failed: " + message, e);
  }

  @Override
  public void close() {
    methods.values().forEach(NDArray::close);
    block.close();
  }
}
