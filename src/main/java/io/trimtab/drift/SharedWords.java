package io.trimtab.drift;

import java.lang.ref.WeakReference;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One of each kept task's words, for as long as a reference holds it: a gate puts the same probes
 * to every candidate, so thousands of revisions would hold the same words. What was taught is a
 * revision's own. One thread.
 */
final class SharedWords {
  private final WeakHashMap<TaskWords, WeakReference<TaskWords>> each = new WeakHashMap<>();

  /** The one that is held already, else this one. */
  TaskWords share(TaskWords words) {
    return switch (words.use()) {
      case TAUGHT -> words;
      case KEPT -> held(words);
    };
  }

  private TaskWords held(TaskWords words) {
    WeakReference<TaskWords> reference = each.get(words);
    @Nullable TaskWords known = reference == null ? null : reference.get();
    if (known != null) {
      return known;
    }
    each.put(words, new WeakReference<>(words));
    return words;
  }
}
