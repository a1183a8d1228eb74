package io.trimtab.engine;

/**
 * What produced an answer.
 *
 * @param model name of the base model
 * @param modelDigest sha-256 of the base model, hex
 * @param adapter {@code base} when none was applied
 * @param revision 0 for base
 * @param adapterDigest sha-256 of the delta, hex; empty for base
 * @param scale what the delta was multiplied by; 1 for base
 */
public record ServedBy(
    String model,
    String modelDigest,
    String adapter,
    int revision,
    String adapterDigest,
    float scale) {
  public static final String BASE = "base";

  public static ServedBy base(String model, String modelDigest) {
    return new ServedBy(model, modelDigest, BASE, 0, "", 1);
  }
}
