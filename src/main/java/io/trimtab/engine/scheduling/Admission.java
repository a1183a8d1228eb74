package io.trimtab.engine.scheduling;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The bound on requests that wait, those being read included: over all tenants, per tenant, and of
 * the memory that their pictures hold. A permit is taken when a request comes in and given back
 * when it gets a slot or ends before. Safe for use by many threads; the lock guards all fields, and
 * what a ticket says it holds.
 *
 * <p>Memory is counted by owner, since many questions may wait about one picture. A request that
 * alone holds more than the bound is let in while no other holds any: else it could never be
 * served.
 */
public final class Admission {
  private final int waitingMax;
  private final int waitingPerTenantMax;
  private final Map<String, Integer> waiting = new HashMap<>();
  private final IdentityHashMap<Object, Integer> holders = new IdentityHashMap<>();
  private final long bytesMax;
  private int total;
  private long bytes;

  /** Without a bound on memory. */
  public Admission(int waitingMax, int waitingPerTenantMax) {
    this(waitingMax, waitingPerTenantMax, Long.MAX_VALUE);
  }

  public Admission(int waitingMax, int waitingPerTenantMax, long bytesMax) {
    this.waitingMax = waitingMax;
    this.waitingPerTenantMax = waitingPerTenantMax;
    this.bytesMax = bytesMax;
  }

  /**
   * Takes a permit.
   *
   * @throws TrimtabException RESOURCE_EXHAUSTED when there is none
   */
  public void enter(String tenant) {
    enter(tenant, List.of());
  }

  /**
   * Takes a permit for a request that holds memory; {@link #leave(RequestTicket)} gives it back.
   */
  synchronized void enter(RequestTicket ticket, List<HeldMemory> held) {
    enter(ticket.tenant(), held);
    ticket.held = held;
  }

  /**
   * The request holds this now, and what it held before no more.
   *
   * @throws TrimtabException RESOURCE_EXHAUSTED when there is no room; it still holds what it did
   */
  synchronized void exchange(RequestTicket ticket, List<HeldMemory> held) {
    release(ticket.held);
    try {
      hold(held);
    } catch (TrimtabException refusal) {
      add(ticket.held);
      throw refusal;
    }
    ticket.held = held;
  }

  synchronized void leave(RequestTicket ticket) {
    leave(ticket.tenant(), ticket.held);
    ticket.held = List.of();
  }

  synchronized void enter(String tenant, List<HeldMemory> held) {
    if (total >= waitingMax) {
      throw full(
          "The queue is full: %d requests wait, at most %d may".formatted(total, waitingMax));
    }
    int ofTenant = waiting.getOrDefault(tenant, 0);
    if (ofTenant >= waitingPerTenantMax) {
      throw full(
          "The tenant's queue is full: %d requests wait, at most %d may"
              .formatted(ofTenant, waitingPerTenantMax));
    }
    hold(held);
    waiting.put(tenant, ofTenant + 1);
    total++;
  }

  void leave(String tenant) {
    leave(tenant, List.of());
  }

  synchronized void leave(String tenant, List<HeldMemory> held) {
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
          "The queue is full: what waits holds %d bytes, this request %d more, at most %d may be held"
              .formatted(before, more, bytesMax));
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

  public synchronized int waiting() {
    return total;
  }

  /** Bytes that waiting requests hold. */
  synchronized long waitingBytes() {
    return bytes;
  }

  private static TrimtabException full(String message) {
    return new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, message);
  }
}
