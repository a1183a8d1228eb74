package io.trimtab.adaptation.feedback;

import io.trimtab.engine.api.ServedBy;
import java.time.Instant;
import java.util.List;

/**
 * An answer that is kept for a while, so that feedback can name it alone.
 *
 * @param adapterAsked as the caller named it: empty, {@code base}, {@code name} or {@code
 *     name@revision}
 * @param conversation the turns before the answer
 * @param servedBy what produced it
 * @param pictureBytes of its pictures together
 * @param made by the server's clock
 */
public record Prediction(
    String tenant,
    String predictionId,
    String adapterAsked,
    List<KeptMessage> conversation,
    String answer,
    ServedBy servedBy,
    long pictureBytes,
    Instant made) {
  public Prediction {
    conversation = List.copyOf(conversation);
  }
}
