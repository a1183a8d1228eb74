package io.trimtab.serving;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.HashMap;
import java.util.Map;

/**
 * The memory that what is on its way in may hold together, from its first byte until it is read.
 * One tenant has at most half of it, so that none keeps the others out. Any thread.
 */
public final class InboundBudget {
  private final String what;
  private final long bytesMax;
  private final long tenantBytesMax;

  private final Object lock = new Object();
  // All guarded by lock. Of the tenants only those that hold something.
  private final Map<String, Share> shares = new HashMap<>();
  private long held;

  private static final class Share {
    private long held;
  }

  InboundBudget(String what, long bytesMax, long tenantBytesMax) {
    this.what = what;
    this.bytesMax = bytesMax;
    this.tenantBytesMax = tenantBytesMax;
  }

  /**
   * A quarter of the memory where it is held, half of that for one tenant; but a whole one is
   * always taken where nothing else is held.
   *
   * @param what is on its way in, in the plural, for messages: {@code Bodies}
   * @param memoryBytes all that there is where it is held
   * @param wholeBytesMax what a single one may have
   */
  public static InboundBudget quarterOf(String what, long memoryBytes, long wholeBytesMax) {
    long bytesMax = Math.max(memoryBytes / 4, wholeBytesMax);
    return new InboundBudget(what, bytesMax, Math.max(bytesMax / 2, wholeBytesMax));
  }

  /**
   * Takes more for one of a tenant's.
   *
   * @throws TrimtabException RESOURCE_EXHAUSTED where there is no room; nothing is taken then
   */
  public void take(String tenant, long bytes) {
    synchronized (lock) {
      if (held + bytes > bytesMax) {
        throw refusal("", held, bytes, bytesMax, "together");
      }
      Share share = shares.get(tenant);
      long before = share == null ? 0 : share.held;
      if (before + bytes > tenantBytesMax) {
        throw refusal(" of this tenant", before, bytes, tenantBytesMax, "for one tenant");
      }
      if (share == null) {
        share = new Share();
        shares.put(tenant, share);
      }
      share.held += bytes;
      held += bytes;
    }
  }

  /** Gives back of what was taken for the tenant. */
  public void giveBack(String tenant, long bytes) {
    if (bytes == 0) {
      return;
    }
    synchronized (lock) {
      Share share = shares.get(tenant);
      if (share == null || share.held < bytes) {
        throw new IllegalStateException(
            "%d bytes are given back, expected at most the %d that were taken"
                .formatted(bytes, share == null ? 0 : share.held));
      }
      share.held -= bytes;
      held -= bytes;
      if (share.held == 0) {
        shares.remove(tenant);
      }
    }
  }

  /** What is held now, by all together. */
  public long heldBytes() {
    synchronized (lock) {
      return held;
    }
  }

  public long bytesMax() {
    return bytesMax;
  }

  public long tenantBytesMax() {
    return tenantBytesMax;
  }

  private TrimtabException refusal(
      String whose, long before, long bytes, long most, String forWhom) {
    return new TrimtabException(
        ErrorCode.RESOURCE_EXHAUSTED,
        "%s%s that are being sent hold %d bytes, this one needs %d more, expected at most %d %s"
            .formatted(what, whose, before, bytes, most, forWhom));
  }
}
