package io.trimtab.model.image;

import java.util.List;

/**
 * From 8-bit levels to normalised floats, one table of 256 per channel. Each step rounds where
 * numpy rounds: level × factor in double, then float; minus mean and by standard deviation in
 * float.
 *
 * @param factor what a level is multiplied with; 1 where the processor does not rescale
 * @param mean per channel; 0 where it does not normalise
 * @param std per channel; 1 where it does not normalise
 */
public record PixelScale(double factor, List<Double> mean, List<Double> std) {
  public PixelScale {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (mean.size() != 3 || std.size() != 3) {
      throw new IllegalArgumentException(
          "Expected a mean and a standard deviation for 3 channels, got %s and %s"
              .formatted(mean, std));
    }
  }

  /** {@code [3][256]}: the float for each level of each channel. */
  float[][] tables() {
    float[][] tables = new float[3][256];
    for (int c = 0; c < 3; c++) {
      float channelMean = mean.get(c).floatValue();
      float channelStd = std.get(c).floatValue();
      for (int level = 0; level < 256; level++) {
        tables[c][level] = ((float) (level * factor) - channelMean) / channelStd;
      }
    }
    return tables;
  }
}
