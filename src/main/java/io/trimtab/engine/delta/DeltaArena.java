package io.trimtab.engine.delta;

import io.trimtab.model.graph.Projection;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.ort.OrtSession;
import io.trimtab.ort.OrtTensor;
import io.trimtab.tensor.DType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The deltas of running requests on the session's device, one slot beside each slot of the
 * key-value cache: for each site {@code a [slots, inputs, rank]} and {@code b [slots, rank,
 * outputs]}.
 *
 * <p>A slot knows whose delta it holds. {@link #place} copies only where that is another, so a
 * request that moves or a slot that is used again needs no care: what a slot holds is what was
 * placed, or it is copied now. A slot of base, and what is beyond a delta's own rank, is zeros.
 *
 * <p>The rank of a projection is that of the largest delta that is seated. A larger one lays the
 * slots out anew at once, a smaller one only after a while, so that two tenants in turn do not.
 * Owned by the step loop's thread.
 */
public final class DeltaArena implements AutoCloseable {
  /** Fittings for which a rank must have been twice what is needed before it shrinks. */
  private static final int FITTINGS_BEFORE_SHRINKING = 64;

  private static final Object BASE = new Object();
  private static final Object NOTHING = new Object();

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final DType dtype;
  private final int slots;
  private final EmptyDeltas empty;
  private final List<DeltaSite> sites;
  private final Staging staging;

  /** By projection; null where no seated delta has ever changed it. */
  private final @Nullable DeltaRegion[] regions = new DeltaRegion[Projection.ALL.size()];

  private final Object[] holders;
  private final @Nullable ArenaView[] prefixes;
  private final @Nullable ArenaView[] singles;
  private int fittingsTooLarge;
  private long layouts;
  private long placements;

  /**
   * @param slots of the key-value cache
   */
  public DeltaArena(
      OrtEnvironment environment,
      OrtSession session,
      DType dtype,
      int slots,
      EmptyDeltas empty) {
    this.environment = environment;
    this.session = session;
    this.dtype = dtype;
    this.slots = slots;
    this.empty = empty;
    this.sites = empty.sites();
    this.staging = new Staging(environment, dtype);
    this.holders = new Object[slots];
    this.prefixes = new ArenaView[slots + 1];
    this.singles = new ArenaView[slots];
    forgetSlots();
  }

  /**
   * Makes room for these deltas side by side. Where memory runs out, the arena is as it was or
   * smaller, and what is missing is laid out by the next fitting.
   */
  public void fit(Collection<HostDelta> seated) {
    int[] needed = new int[regions.length];
    boolean grows = false;
    boolean shrinks = false;
    for (Projection projection : Projection.ALL) {
      int at = projection.ordinal();
      for (HostDelta delta : seated) {
        needed[at] = Math.max(needed[at], delta.rank(projection));
      }
      grows |= needed[at] > rank(at);
      shrinks |= rank(at) > 0 && 2 * needed[at] <= rank(at);
    }
    fittingsTooLarge = shrinks ? fittingsTooLarge + 1 : 0;
    if (grows || fittingsTooLarge > FITTINGS_BEFORE_SHRINKING) {
      layOut(needed, fittingsTooLarge > FITTINGS_BEFORE_SHRINKING);
    }
  }

  private void layOut(int[] needed, boolean exactly) {
    closeViews();
    forgetSlots();
    fittingsTooLarge = 0;
    for (int at = 0; at < regions.length; at++) {
      int rank = exactly ? needed[at] : Math.max(needed[at], rank(at));
      if (rank != rank(at)) {
        DeltaRegion old = regions[at];
        regions[at] = null;
        if (old != null) {
          old.close();
        }
        if (rank > 0) {
          regions[at] = DeltaRegion.allocate(session, Projection.ALL.get(at), sites, dtype, slots, rank);
        }
      }
    }
    layouts++;
  }

  private int rank(int projection) {
    DeltaRegion region = regions[projection];
    return region == null ? 0 : region.rank();
  }

  /** Makes a slot hold a delta, or base where that is null; copies where it holds another. */
  public void place(int slot, @Nullable HostDelta delta) {
    Object holder = delta == null ? BASE : delta;
    if (holders[slot] == holder) {
      return;
    }
    holders[slot] = NOTHING;
    for (DeltaRegion region : regions) {
      if (region != null) {
        region.write(slot, delta, staging);
      }
    }
    holders[slot] = holder;
    placements++;
  }

  /** The first {@code count} slots. Good until the next {@link #fit}. */
  public BoundDeltas prefix(int count) {
    ArenaView view = prefixes[count];
    if (view == null) {
      view = view(0, count);
      prefixes[count] = view;
    }
    return view;
  }

  /** One slot, for the rows of its own request. Good until the next {@link #fit}. */
  public BoundDeltas single(int slot) {
    ArenaView view = singles[slot];
    if (view == null) {
      view = view(slot, 1);
      singles[slot] = view;
    }
    return view;
  }

  private ArenaView view(int first, int count) {
    OrtTensor[] as = new OrtTensor[sites.size()];
    OrtTensor[] bs = new OrtTensor[sites.size()];
    for (DeltaSite site : sites) {
      DeltaRegion region = regions[site.projection().ordinal()];
      as[site.index()] = region == null ? empty.a(site.index()) : region.a(site, first, count);
      bs[site.index()] = region == null ? empty.b(site.index()) : region.b(site, first, count);
    }
    return new ArenaView(as, bs, empty);
  }

  /** Times that slots were laid out for other ranks. */
  public long layouts() {
    return layouts;
  }

  /** Deltas, or zeros for base, that were copied into a slot. */
  public long placements() {
    return placements;
  }

  /** Bytes on the device. */
  public long bytes() {
    long bytes = 0;
    for (DeltaRegion region : regions) {
      bytes += region == null ? 0 : region.bytes();
    }
    return bytes;
  }

  private void forgetSlots() {
    java.util.Arrays.fill(holders, NOTHING);
  }

  private void closeViews() {
    List<ArenaView> views = new ArrayList<>();
    for (int i = 0; i < prefixes.length; i++) {
      if (prefixes[i] != null) {
        views.add(prefixes[i]);
        prefixes[i] = null;
      }
    }
    for (int i = 0; i < singles.length; i++) {
      if (singles[i] != null) {
        views.add(singles[i]);
        singles[i] = null;
      }
    }
    views.forEach(ArenaView::close);
  }

  @Override
  public void close() {
    closeViews();
    for (DeltaRegion region : regions) {
      if (region != null) {
        region.close();
      }
    }
    java.util.Arrays.fill(regions, null);
    staging.close();
  }
}
