package io.trimtab.adapter;

/**
 * What a name meant at one moment: pinned by a request when it is admitted, until its last token.
 *
 * @param scale 0 to 1
 * @param baseDigest of the model that the revision belongs to
 */
public record ResolvedRevision(
    AdapterId id,
    int revision,
    String digest,
    float scale,
    RevisionFiles files,
    String baseDigest) {}
