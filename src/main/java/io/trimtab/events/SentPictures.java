package io.trimtab.events;

import io.trimtab.model.text.Picture;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * The pictures that tenants have sent and that are kept, as {@code TenantPictures} keeps them. Both
 * take the tenant first, may block on the disk, and throw a TrimtabException where the store fails.
 *
 * @param keep makes a picture durable, for its tenant to find
 * @param find a tenant's own picture by its digest, 64 lower-case hex digits
 */
public record SentPictures(
    BiFunction<String, Picture, Picture> keep,
    BiFunction<String, String, Optional<Picture>> find) {}
