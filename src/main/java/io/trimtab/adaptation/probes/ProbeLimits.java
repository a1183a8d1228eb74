package io.trimtab.adaptation.probes;

import io.trimtab.error.TrimtabException;

/**
 * How much a probe folder may hold, since all of it is read into memory.
 *
 * @param questionsMax lines of {@code probes.jsonl}, from 1
 * @param pictureBytesMax one picture's file, from 1
 * @param bytesMax all pictures together, and likewise {@code probes.jsonl}, from 1
 */
public record ProbeLimits(int questionsMax, long pictureBytesMax, long bytesMax) {
  public ProbeLimits {
    require("questions_max", questionsMax);
    require("picture_bytes_max", pictureBytesMax);
    require("bytes_max", bytesMax);
  }

  /** 20,000 questions, 16 MiB a picture, 512 MiB in all. */
  public static ProbeLimits defaults() {
    return new ProbeLimits(20_000, 16L << 20, 512L << 20);
  }

  private static void require(String name, long value) {
    if (value < 1) {
      throw TrimtabException.invalid("%s is %d, expected 1 and above".formatted(name, value));
    }
  }
}
