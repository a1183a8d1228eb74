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
    String baseDigest) {
  /** A revision as it is served now. */
  public static ResolvedRevision of(AdapterId id, Revision revision) {
    return new ResolvedRevision(
        id,
        revision.revision(),
        revision.digest(),
        revision.scale(),
        revision.files(),
        revision.baseDigest());
  }
}
