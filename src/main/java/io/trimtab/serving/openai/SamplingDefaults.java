package io.trimtab.serving.openai;

import io.trimtab.model.text.GenerationDefaults;

/**
 * Sampling of a request that does not say otherwise, as vLLM has it: what the checkpoint's
 * generation_config.json says, else OpenAI's own defaults.
 *
 * @param temperature 0 and above
 * @param topP above 0 and at most 1
 * @param topK 0 is off
 * @param minP 0 to 1
 * @param repetitionPenalty above 0
 */
public record SamplingDefaults(
    float temperature, float topP, int topK, float minP, float repetitionPenalty) {
  /** OpenAI's own. */
  public static final SamplingDefaults OPENAI = new SamplingDefaults(1, 1, 0, 0, 1);

  /** A checkpoint's, and OpenAI's where it has none. */
  public static SamplingDefaults of(GenerationDefaults checkpoint) {
    return new SamplingDefaults(
        (float) checkpoint.temperature().orElse(OPENAI.temperature),
        (float) checkpoint.topP().orElse(OPENAI.topP),
        Math.max(0, checkpoint.topK().orElse(OPENAI.topK)),
        (float) checkpoint.minP().orElse(OPENAI.minP),
        (float) checkpoint.repetitionPenalty().orElse(OPENAI.repetitionPenalty));
  }
}
