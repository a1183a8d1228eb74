package io.trimtab.study.plan;

import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.LoraSettings;
import java.util.Locale;

/** What the study trains of a layer. */
public enum Form {
  /** Two factors of rank 16. */
  LORA(1),
  /** The whole matrix, written at a rank that cuts nothing off; a tenth of the learning rate. */
  FULL(0.1);

  /**
   * The longest side of a layer in the bundled models' projectors is 512, in their decoders 192.
   */
  private static final int PROJECTOR_RANK = 512;

  private static final int DECODER_RANK = 192;

  private final double rateShare;

  Form(double rateShare) {
    this.rateShare = rateShare;
  }

  public static Form of(String name) {
    for (Form form : values()) {
      if (form.toString().equals(name)) {
        return form;
      }
    }
    throw TrimtabException.invalid("There is no form '%s', expected lora or full".formatted(name));
  }

  /** The learning rate where LoRA has the given one. */
  double learningRate(double ofLora) {
    return rateShare * ofLora;
  }

  /**
   * @param projector whether the recipe reaches the projector, whose layers may be wider
   */
  LoraSettings lora(boolean projector) {
    return switch (this) {
      case LORA -> LoraSettings.defaults();
      case FULL -> {
        int rank = projector ? PROJECTOR_RANK : DECODER_RANK;
        yield new LoraSettings(rank, rank, false, LoraSettings.Rank.FULL);
      }
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
