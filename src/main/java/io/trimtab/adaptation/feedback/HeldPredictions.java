package io.trimtab.adaptation.feedback;

import io.trimtab.store.LineName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Kept predictions and the bytes that they take. Safe for use by many threads; one monitor. */
final class HeldPredictions {
  private final Map<LineName, HeldPrediction> byLine = new HashMap<>();
  private final TreeSet<HeldPrediction> oldestFirst = new TreeSet<>(HeldPrediction.OLDEST_FIRST);
  private long bytes;

  /** Those that are gone, and whose pictures no sweep has taken yet. */
  private final Set<HeldPrediction> unswept = new HashSet<>();

  /** Of their pictures. */
  private long unsweptBytes;

  synchronized void add(HeldPrediction prediction) {
    if (byLine.putIfAbsent(prediction.line(), prediction) == null) {
      oldestFirst.add(prediction);
      bytes += prediction.bytes();
    }
  }

  synchronized void remove(HeldPrediction prediction) {
    if (byLine.remove(prediction.line()) != null) {
      oldestFirst.remove(prediction);
      bytes -= prediction.bytes();
      if (prediction.pictureBytes() > 0 && unswept.add(prediction)) {
        unsweptBytes += prediction.pictureBytes();
      }
    }
  }

  /** Removes all but these. */
  synchronized void retain(Set<LineName> lines) {
    all().stream().filter(each -> !lines.contains(each.line())).forEach(this::remove);
  }

  synchronized Set<LineName> lines() {
    return Set.copyOf(byLine.keySet());
  }

  synchronized List<HeldPrediction> all() {
    return List.copyOf(oldestFirst);
  }

  /** The oldest, as many as have to go so that the rest takes no more. */
  synchronized List<HeldPrediction> beyond(long bytesMax) {
    List<HeldPrediction> beyond = new ArrayList<>();
    long left = bytes;
    for (HeldPrediction oldest : oldestFirst) {
      if (left <= bytesMax) {
        break;
      }
      beyond.add(oldest);
      left -= oldest.bytes();
    }
    return beyond;
  }

  synchronized long bytesOnDisk() {
    return bytes + unsweptBytes;
  }

  synchronized List<HeldPrediction> unswept() {
    return List.copyOf(unswept);
  }

  synchronized void picturesSwept(List<HeldPrediction> predictions) {
    for (HeldPrediction each : predictions) {
      if (unswept.remove(each)) {
        unsweptBytes -= each.pictureBytes();
      }
    }
  }
}
