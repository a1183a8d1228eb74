package io.trimtab.adaptation;

import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.util.List;
import java.util.Locale;

/**
 * A file of a PEFT folder. There are two, and a name from outside is either one of them or no name.
 */
public enum AdapterFile {
  CONFIG("adapter_config.json"),
  WEIGHTS("adapter_model.safetensors");

  private static final List<String> PICKLE_ENDINGS =
      List.of(".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt");

  private final String fileName;

  AdapterFile(String fileName) {
    this.fileName = fileName;
  }

  public String fileName() {
    return fileName;
  }

  /**
   * The file of exactly this name.
   *
   * @throws TrimtabException INVALID_ARGUMENT for any other, pickle files by their kind
   */
  public static AdapterFile of(String path) {
    for (AdapterFile file : values()) {
      if (file.fileName.equals(path)) {
        return file;
      }
    }
    if (PICKLE_ENDINGS.stream().anyMatch(path.toLowerCase(Locale.ROOT)::endsWith)) {
      throw TrimtabException.invalid(
          "%s is a pickle file, which can run code when it is read: expected %s"
              .formatted(Quoted.of(path), WEIGHTS.fileName));
    }
    throw TrimtabException.invalid(
        "%s is no file of an adapter: expected %s and %s"
            .formatted(Quoted.of(path), CONFIG.fileName, WEIGHTS.fileName));
  }
}
