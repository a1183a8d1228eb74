package io.trimtab.serving.metrics;

import java.util.OptionalLong;

/** How far behind the reader of feedback is. Any thread; returns at once. */
public interface FeedbackLag {
  /** Records that are still to be read by this process; empty where that is not known. */
  OptionalLong records();
}
