package io.trimtab.model.graph;

import io.trimtab.model.Weights;
import io.trimtab.tensor.Floats;

/** A linear layer by the book, in double precision: {@code weight [outputs, inputs]}. */
record NaiveLinear(float[] weight, float[] bias) {
  static NaiveLinear of(Weights weights, String module, int inputs, int outputs) {
    return new NaiveLinear(
        Floats.toArray(weights.get(module + ".weight", outputs, inputs)),
        Floats.toArray(weights.get(module + ".bias", outputs)));
  }

  /** {@code x Wᵀ + bias + (x a) b} for {@code a [inputs, rank]}, {@code b [rank, outputs]}. */
  float[] apply(float[] x, float[] a, float[] b) {
    int inputs = x.length;
    int outputs = bias.length;
    float[] y = new float[outputs];
    for (int out = 0; out < outputs; out++) {
      double sum = bias[out] + dot(weight, out * inputs, x);
      int rank = a.length / inputs;
      for (int r = 0; r < rank; r++) {
        double down = 0;
        for (int i = 0; i < inputs; i++) {
          down += (double) a[i * rank + r] * x[i];
        }
        sum += down * b[r * outputs + out];
      }
      y[out] = (float) sum;
    }
    return y;
  }

  private static double dot(float[] rows, int at, float[] x) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (double) rows[at + i] * x[i];
    }
    return sum;
  }

  /** {@code x Φ(x)}, with Φ by Simpson's rule from 0 to x: good to 1e-7 for the values at hand. */
  static float gelu(float x) {
    int steps = 400;
    double step = (double) x / steps;
    double area = 0;
    for (int i = 0; i <= steps; i++) {
      double t = i * step;
      int factor = i == 0 || i == steps ? 1 : i % 2 == 0 ? 2 : 4;
      area += factor * Math.exp(-t * t / 2);
    }
    double phi = 0.5 + area * step / 3 / Math.sqrt(2 * Math.PI);
    return (float) (x * phi);
  }
}
