package io.trimtab.adaptation;

/** What happens to a revision once it is registered. */
public enum AfterUpload {
  /** It waits, STAGED, to be activated. */
  STAGE,
  /** It is served by name at once. */
  ACTIVATE
}
