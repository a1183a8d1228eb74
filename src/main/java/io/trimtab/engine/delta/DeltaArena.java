package io.trimtab.engine.delta;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.graph.Projection;
import io.trimtab.ort.OrtSession;
import io.trimtab.ort.OrtTensor;
import io.trimtab.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
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
 * Owned by the step loop's thread; any thread may read the counters.
 */
public final class DeltaArena implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(DeltaArena.class.getName());

  /** Fittings for which a rank must have been twice what is needed before it shrinks. */
  private static final int FITTINGS_BEFORE_SHRINKING = 64;

  /** What becomes of ranks that are larger than they need be. */
  private enum Fit {
    AT_LEAST,
    EXACTLY
  }

  private static final Object BASE = new Object();
  private static final Object NOTHING = new Object();

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
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong layouts = new AtomicLong();
  private final AtomicLong placements = new AtomicLong();

  /**
   * @param slots of the key-value cache
   */
  public DeltaArena(OrtSession session, DType dtype, int slots, EmptyDeltas empty) {
    this.session = session;
    this.dtype = dtype;
    this.slots = slots;
    this.empty = empty;
    this.sites = empty.sites();
    this.staging = new Staging();
    this.holders = new Object[slots];
    this.prefixes = new ArenaView[slots + 1];
    this.singles = new ArenaView[slots];
    Arrays.fill(holders, NOTHING);
  }

  /**
   * Makes room for these deltas side by side.
   *
   * @throws TrimtabException RESOURCE_EXHAUSTED where memory runs out; the arena is as it was
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
    if (grows) {
      layOut(needed, Fit.AT_LEAST);
    } else if (fittingsTooLarge > FITTINGS_BEFORE_SHRINKING) {
      shrink(needed);
    }
  }

  /** Smaller regions are made beside the larger ones; where there is no room, these stay. */
  private void shrink(int[] needed) {
    fittingsTooLarge = 0;
    try {
      layOut(needed, Fit.EXACTLY);
    } catch (TrimtabException e) {
      LOG.log(System.Logger.Level.WARNING, "There is no room to lay slots out smaller", e);
    }
  }

  /** New regions are there before old ones go: where memory runs out, nothing has changed. */
  private void layOut(int[] needed, Fit fit) {
    @Nullable DeltaRegion[] next = regions.clone();
    List<DeltaRegion> made = new ArrayList<>();
    try {
      for (Projection projection : Projection.ALL) {
        int at = projection.ordinal();
        int rank = fit == Fit.EXACTLY ? needed[at] : Math.max(needed[at], rank(at));
        if (rank != rank(at)) {
          next[at] =
              rank == 0
                  ? null
                  : DeltaRegion.allocate(session, projection, sites, dtype, slots, rank);
          if (next[at] != null) {
            made.add(next[at]);
          }
        }
      }
    } catch (RuntimeException e) {
      made.forEach(DeltaRegion::close);
      throw e;
    }
    closeViews();
    Arrays.fill(holders, NOTHING);
    fittingsTooLarge = 0;
    layouts.incrementAndGet();
    for (int at = 0; at < regions.length; at++) {
      DeltaRegion old = regions[at];
      if (old != null && old != next[at]) {
        old.close();
      }
      regions[at] = next[at];
    }
    bytes.set(Arrays.stream(regions).filter(Objects::nonNull).mapToLong(DeltaRegion::bytes).sum());
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
    for (Projection projection : Projection.ALL) {
      DeltaRegion region = regions[projection.ordinal()];
      if (delta != null && delta.rank(projection) > rank(projection.ordinal())) {
        throw new IllegalStateException(
            "%s was not fitted: rank %d at %s, the arena has %d"
                .formatted(
                    delta,
                    delta.rank(projection),
                    projection.wireName(),
                    rank(projection.ordinal())));
      }
      if (region != null) {
        region.write(slot, delta, staging);
      }
    }
    holders[slot] = holder;
    placements.incrementAndGet();
  }

  /** The first {@code count} slots. Good until slots are laid out anew by {@link #fit}. */
  public BoundDeltas prefix(int count) {
    ArenaView view = prefixes[count];
    if (view == null) {
      view = view(0, count);
      prefixes[count] = view;
    }
    return view;
  }

  /**
   * One slot, for the rows of its own request. Good until slots are laid out anew by {@link #fit}.
   */
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
    return layouts.get();
  }

  /** Deltas, or zeros for base, that were copied into a slot. */
  public long placements() {
    return placements.get();
  }

  /** Bytes on the device. */
  public long bytes() {
    return bytes.get();
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
    Arrays.fill(regions, null);
    staging.close();
  }
}
