package io.trimtab.serving.openinference;

import io.trimtab.adapter.AdapterId;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.util.regex.Pattern;

/** The protocol's models and versions as adapters and revisions. */
final class ModelNames {
  /** Base's one version, and that of answers by base under an adapter's name. */
  static final String BASE_VERSION = "0";

  // Nine digits always fit an int.
  private static final Pattern VERSION = Pattern.compile("|0|[1-9][0-9]{0,8}");

  private ModelNames() {}

  /**
   * What trimtab.v1 calls this model.
   *
   * @param version a revision, or empty for what is served under the name
   * @throws TrimtabException INVALID_ARGUMENT for what is spelled otherwise, NOT_FOUND for a
   *     version that no such model can have
   */
  static String adapter(String model, String version) {
    if (!AdapterId.isName(model)) {
      throw TrimtabException.invalid(
          "The model is %s, expected 'base' or an adapter's name, %s"
              .formatted(Quoted.of(model), AdapterId.SYNTAX));
    }
    if (!VERSION.matcher(version).matches()) {
      throw TrimtabException.invalid(
          "The version is %s, expected '' or the number of a revision"
              .formatted(Quoted.of(version)));
    }
    boolean base = model.equals(AdapterId.BASE);
    if (version.isEmpty() || (base && version.equals(BASE_VERSION))) {
      return model;
    }
    if (base || version.equals(BASE_VERSION)) {
      throw new TrimtabException(
          ErrorCode.NOT_FOUND,
          "There is no version %s of the model '%s'".formatted(version, model));
    }
    return model + "@" + version;
  }
}
