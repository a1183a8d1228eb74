package io.trimtab.serving.grpc;

import java.util.Arrays;

/** Sizes of messages, first in, first out; has room for the most that were ever in it. */
final class MessageSizes {
  private long[] sizes = new long[2];
  private int first;
  private int count;

  void add(long size) {
    if (count == sizes.length) {
      long[] wider = Arrays.copyOf(sizes, 2 * count);
      // What went around the end goes on behind it.
      System.arraycopy(sizes, 0, wider, count, first);
      sizes = wider;
    }
    sizes[(first + count) % sizes.length] = size;
    count++;
  }

  /** Takes the first out; 0 where there is none. */
  long remove() {
    if (count == 0) {
      return 0;
    }
    long size = sizes[first];
    first = (first + 1) % sizes.length;
    count--;
    return size;
  }

  /** Takes all out. */
  long removeAll() {
    long sum = 0;
    while (count > 0) {
      sum += remove();
    }
    return sum;
  }
}
