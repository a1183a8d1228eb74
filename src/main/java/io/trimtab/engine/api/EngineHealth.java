package io.trimtab.engine.api;

/** Whether the engine can answer now. */
public sealed interface EngineHealth {
  /** The model is being read, imported or warmed. */
  record Loading() implements EngineHealth {}

  /** Requests are taken and the step loop turns. */
  record Ready() implements EngineHealth {}

  /** No request is taken any more; those running may still end. */
  record Stopping() implements EngineHealth {}

  /**
   * The model could not be loaded or the step loop has died: only a restart helps.
   *
   * @param reason for the operator's eyes
   */
  record Failed(String reason) implements EngineHealth {}
}
