package io.trimtab.adaptation.probes;

import io.trimtab.model.text.Picture;
import java.util.Locale;

/** What a question of a probe folder is for. */
public enum ProbeUse {
  /** The gate asks it. */
  PROBE,
  /** Tuning rehearses what base says to it. */
  REHEARSAL;

  /** As it stands in the file, in lower case. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The use of a picture of which the folder says nothing: by its contents, so that it does not
   * depend on names, order or what else there is. About half are probes.
   */
  static ProbeUse of(Picture picture) {
    return picture.sha256().charAt(0) < '8' ? PROBE : REHEARSAL;
  }
}
