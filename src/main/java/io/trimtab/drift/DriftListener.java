package io.trimtab.drift;

/** Told of every change of level. Called on the watch's thread; it must return at once. */
public interface DriftListener {
  void signal(DriftSignal signal);
}
