package io.trimtab.load;

/**
 * One question to one model of one tenant, at temperature 0.
 *
 * @param model base, or an adapter's revision
 * @param tokens of the answer at most
 * @param answer what the server said while it was asked nothing else
 */
record Target(String tenant, String model, Question question, int tokens, String answer) {
  Target {
    if (tokens < 1) {
      throw new IllegalArgumentException("tokens is %d, expected 1 and above".formatted(tokens));
    }
  }
}
