package io.trimtab.engine.vision;

import io.trimtab.engine.delta.HostDelta;
import org.jspecify.annotations.Nullable;

/**
 * What determines the embeddings of a picture: the picture and the projector.
 *
 * @param picture sha-256 of the encoded picture, hex
 * @param projector digest and scale of the delta that changes the projector; empty for base's,
 *     which adapters that leave the projector alone share
 */
public record ImageKey(String picture, String projector) {
  public static ImageKey of(String picture, @Nullable HostDelta delta) {
    return new ImageKey(
        picture,
        delta == null || !delta.changesProjector()
            ? ""
            : delta.key().digest() + "@" + delta.key().scale());
  }
}
