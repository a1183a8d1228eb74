package io.trimtab.engine.scheduling;

import io.trimtab.engine.api.Priority;
import io.trimtab.error.TrimtabException;
import java.util.List;

/**
 * The bound on requests that wait, those being prepared included: over all tenants, per tenant, and
 * of the memory that their pictures hold. A permit is taken when a request comes in and given back
 * when it gets a slot or ends before. Safe for use by many threads; the lock guards all fields, and
 * what a ticket says it holds.
 *
 * <p>Requests in the background are counted by themselves: they wait for as long as interactive
 * ones come, and must not take these ones' places meanwhile. As many of them may wait besides, and
 * they may hold half as much memory besides.
 *
 * <p>Memory is counted by owner, since many questions may wait about one picture; once for each
 * priority. A request that alone holds more than the bound is let in while no other of its priority
 * holds any: else it could never be served.
 */
public final class Admission {
  private final WaitingPermits interactive;
  private final WaitingPermits background;

  /** Without a bound on memory. */
  public Admission(int waitingMax, int waitingPerTenantMax) {
    this(waitingMax, waitingPerTenantMax, Long.MAX_VALUE);
  }

  /**
   * @param waitingMax most requests of a priority that wait
   * @param waitingPerTenantMax most of one tenant
   * @param bytesMax that interactive requests may hold
   */
  public Admission(int waitingMax, int waitingPerTenantMax, long bytesMax) {
    this.interactive = new WaitingPermits("queue", waitingMax, waitingPerTenantMax, bytesMax);
    this.background =
        new WaitingPermits("background queue", waitingMax, waitingPerTenantMax, bytesMax / 2);
  }

  private WaitingPermits of(Priority priority) {
    return switch (priority) {
      case INTERACTIVE -> interactive;
      case BACKGROUND -> background;
    };
  }

  /**
   * Takes a permit for what somebody waits for.
   *
   * @throws TrimtabException RESOURCE_EXHAUSTED when there is none
   */
  public void enter(String tenant) {
    enter(tenant, List.of());
  }

  /** The same for what holds memory; {@link #leave(String, List)} gives it back. */
  synchronized void enter(String tenant, List<HeldMemory> held) {
    interactive.enter(tenant, held);
  }

  void leave(String tenant) {
    leave(tenant, List.of());
  }

  synchronized void leave(String tenant, List<HeldMemory> held) {
    interactive.leave(tenant, held);
  }

  /**
   * Takes a permit of the request's priority; {@link #leave(RequestTicket)} gives it back.
   *
   * @throws TrimtabException RESOURCE_EXHAUSTED when there is none
   */
  synchronized void enter(RequestTicket ticket, List<HeldMemory> held) {
    of(ticket.priority()).enter(ticket.tenant(), held);
    ticket.held = held;
  }

  /**
   * The request holds this now, and what it held before no more.
   *
   * @throws TrimtabException RESOURCE_EXHAUSTED when there is no room; it still holds what it did
   */
  synchronized void exchange(RequestTicket ticket, List<HeldMemory> held) {
    of(ticket.priority()).exchange(ticket.held, held);
    ticket.held = held;
  }

  synchronized void leave(RequestTicket ticket) {
    of(ticket.priority()).leave(ticket.tenant(), ticket.held);
    ticket.held = List.of();
  }

  /** Requests that wait, of both priorities. */
  public synchronized int waiting() {
    return interactive.waiting() + background.waiting();
  }

  synchronized int waiting(Priority priority) {
    return of(priority).waiting();
  }

  /** Bytes that waiting requests hold, of both priorities. */
  synchronized long waitingBytes() {
    return interactive.bytes() + background.bytes();
  }
}
