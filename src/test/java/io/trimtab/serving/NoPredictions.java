package io.trimtab.serving;

import io.trimtab.adaptation.feedback.PredictionLimits;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.store.FileObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Clock;

/** Kept predictions in a folder of their own, for servers under test that are not asked for any. */
public final class NoPredictions {
  private NoPredictions() {}

  public static Predictions kept() {
    try {
      FileObjectStore store = FileObjectStore.open(Files.createTempDirectory("predictions"));
      return Predictions.open(
          store,
          new TenantPictures(store, 1 << 20),
          PredictionLimits.defaults(),
          Clock.systemUTC());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
