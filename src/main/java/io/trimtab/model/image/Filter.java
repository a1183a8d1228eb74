package io.trimtab.model.image;

import io.trimtab.error.TrimtabException;

/**
 * Pillow's resampling filters, by the number that {@code resample} has in preprocessor_config.json.
 * Kernels and supports are those of Pillow's Resample.c.
 */
public enum Filter {
  NEAREST(0, 0) {
    @Override
    double weight(double x) {
      throw new IllegalStateException("Nearest picks a pixel, it has no kernel");
    }
  },
  LANCZOS(1, 3) {
    @Override
    double weight(double x) {
      return -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0;
    }
  },
  BILINEAR(2, 1) {
    @Override
    double weight(double x) {
      return Math.max(0, 1 - Math.abs(x));
    }
  },
  /** Keys' cubic convolution with a = -0.5. */
  BICUBIC(3, 2) {
    @Override
    double weight(double x) {
      double a = -0.5;
      double d = Math.abs(x);
      if (d < 1) {
        return ((a + 2) * d - (a + 3)) * d * d + 1;
      }
      return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
    }
  },
  BOX(4, 0.5) {
    @Override
    double weight(double x) {
      return x > -0.5 && x <= 0.5 ? 1 : 0;
    }
  },
  HAMMING(5, 1) {
    @Override
    double weight(double x) {
      double d = Math.abs(x);
      // The constants are single precision in Pillow.
      return d < 1 ? sinc(d) * (0.54f + 0.46f * Math.cos(d * Math.PI)) : 0;
    }
  };

  private final int number;
  private final double support;

  Filter(int number, double support) {
    this.number = number;
    this.support = support;
  }

  /** Pillow's number. */
  public int number() {
    return number;
  }

  /** The filter with Pillow's {@code number}; INVALID_ARGUMENT for any other. */
  public static Filter of(int number) {
    for (Filter filter : values()) {
      if (filter.number == number) {
        return filter;
      }
    }
    throw TrimtabException.invalid("Expected a resample filter from 0 to 5, got " + number);
  }

  /** Half the kernel's width, in source pixels at scale 1. */
  double support() {
    return support;
  }

  /** Kernel at distance {@code x} from its centre. */
  abstract double weight(double x);

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
  }
}
