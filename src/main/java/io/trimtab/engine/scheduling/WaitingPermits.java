package io.trimtab.engine.scheduling;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the waiting requests of one priority hold, and the bounds on it. One thread at a time:
 * whoever calls holds the lock of {@link Admission}.
 */
final class WaitingPermits {
  private final String queue;
  private final int waitingMax;
  private final int waitingPerTenantMax;
  private final long bytesMax;
  private final Map<String, Integer> waiting = new HashMap<>();
  private final IdentityHashMap<Object, Integer> holders = new IdentityHashMap<>();
  private int total;
  private long bytes;

  /**
   * @param queue what a refusal calls it
   */
  WaitingPermits(String queue, int waitingMax, int waitingPerTenantMax, long bytesMax) {
    this.queue = queue;
    this.waitingMax = waitingMax;
    this.waitingPerTenantMax = waitingPerTenantMax;
    this.bytesMax = bytesMax;
  }

  void enter(String tenant, List<HeldMemory> held) {
    if (total >= waitingMax) {
      throw full(
          "The %s is full: %d requests wait, at most %d may".formatted(queue, total, waitingMax));
    }
    int ofTenant = waiting.getOrDefault(tenant, 0);
    if (ofTenant >= waitingPerTenantMax) {
      throw full(
          "The tenant's %s is full: %d requests wait, at most %d may"
              .formatted(queue, ofTenant, waitingPerTenantMax));
    }
    hold(held);
    waiting.put(tenant, ofTenant + 1);
    total++;
  }

  /** Holds another in place of one; where there is no room for it, still the one. */
  void exchange(List<HeldMemory> before, List<HeldMemory> after) {
    release(before);
    try {
      hold(after);
    } catch (TrimtabException refusal) {
      add(before);
      throw refusal;
    }
  }

  void leave(String tenant, List<HeldMemory> held) {
    Integer ofTenant = waiting.get(tenant);
    if (ofTenant == null) {
      throw new IllegalStateException("A permit was given back twice for tenant " + tenant);
    }
    if (ofTenant == 1) {
      waiting.remove(tenant);
    } else {
      waiting.put(tenant, ofTenant - 1);
    }
    total--;
    release(held);
  }

  private void hold(List<HeldMemory> held) {
    long before = bytes;
    add(held);
    long more = bytes - before;
    if (before > 0 && more > 0 && bytes > bytesMax) {
      release(held);
      throw full(
          "The %s is full: what waits holds %d bytes, this request %d more, at most %d may be held"
              .formatted(queue, before, more, bytesMax));
    }
  }

  private void add(List<HeldMemory> held) {
    for (HeldMemory each : held) {
      if (holders.merge(each.owner(), 1, Integer::sum) == 1) {
        bytes += each.bytes();
      }
    }
  }

  private void release(List<HeldMemory> held) {
    for (HeldMemory each : held) {
      int left = holders.getOrDefault(each.owner(), 0) - 1;
      if (left > 0) {
        holders.put(each.owner(), left);
      } else {
        holders.remove(each.owner());
        bytes -= each.bytes();
      }
    }
  }

  int waiting() {
    return total;
  }

  long bytes() {
    return bytes;
  }

  private static TrimtabException full(String message) {
    return new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, message);
  }
}
