package io.trimtab.adaptation;

import io.trimtab.error.TrimtabException;
import java.time.Duration;

/**
 * Bounds of uploads as a whole; those of one file are {@link io.trimtab.adapter.AdapterLimits}'.
 *
 * @param uploadsMax uploads and validations at a time; one more is refused
 * @param stallMax longest wait for a client's next message, or for it to take more of a download
 */
public record UploadLimits(int uploadsMax, Duration stallMax) {
  public UploadLimits {
    if (uploadsMax < 1) {
      throw TrimtabException.invalid(
          "trimtab.adapters.uploads-max is %d, expected 1 and above".formatted(uploadsMax));
    }
    if (!stallMax.isPositive()) {
      throw TrimtabException.invalid(
          "trimtab.adapters.upload-stall-seconds is %d, expected 1 and above"
              .formatted(stallMax.toSeconds()));
    }
  }

  public static UploadLimits defaults() {
    return new UploadLimits(8, Duration.ofSeconds(30));
  }
}
