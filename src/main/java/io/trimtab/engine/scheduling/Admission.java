package io.trimtab.engine.scheduling;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.HashMap;
import java.util.Map;

/**
 * The bound on requests that wait, those being read included: over all tenants and per tenant. A
 * permit is taken when a request comes in and given back when it gets a slot or ends before. Safe
 * for use by many threads; the lock guards the counts.
 */
public final class Admission {
  private final int waitingMax;
  private final int waitingPerTenantMax;
  private final Map<String, Integer> waiting = new HashMap<>();
  private int total;

  public Admission(int waitingMax, int waitingPerTenantMax) {
    this.waitingMax = waitingMax;
    this.waitingPerTenantMax = waitingPerTenantMax;
  }

  /**
   * Takes a permit.
   *
   * @throws TrimtabException RESOURCE_EXHAUSTED when there is none
   */
  public synchronized void enter(String tenant) {
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
    waiting.put(tenant, ofTenant + 1);
    total++;
  }

  synchronized void leave(String tenant) {
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
  }

  public synchronized int waiting() {
    return total;
  }

  private static TrimtabException full(String message) {
    return new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, message);
  }
}
