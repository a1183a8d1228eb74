package io.trimtab.world;

/** What pictures are taken in. */
public enum Light {
  /** As the bundled models know it: a little darker or lighter, a little noise. */
  USUAL(.9, 1.06, 0, 6),
  /** Dark and grainy, as the models have never seen it. */
  POOR(.55, .75, 10, 16);

  final double brightnessMin;
  final double brightnessMax;

  /** Standard deviation of the noise, of 255. */
  final double noiseMin;

  final double noiseMax;

  Light(double brightnessMin, double brightnessMax, double noiseMin, double noiseMax) {
    this.brightnessMin = brightnessMin;
    this.brightnessMax = brightnessMax;
    this.noiseMin = noiseMin;
    this.noiseMax = noiseMax;
  }
}
