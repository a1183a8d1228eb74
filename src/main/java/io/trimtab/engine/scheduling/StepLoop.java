package io.trimtab.engine.scheduling;

import io.trimtab.engine.api.EngineHealth;
import io.trimtab.engine.api.EngineStatistics;
import io.trimtab.engine.api.Priority;
import io.trimtab.engine.api.StepTimes;
import io.trimtab.engine.sampling.LogitsRow;
import io.trimtab.engine.sampling.LogitsRow.Coverage;
import io.trimtab.engine.scheduling.Task.Outcome;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The step loop: one thread that owns slots, queue and executor, and runs {@code plan → bind → run
 * → sample → commit → emit} until it is stopped.
 *
 * <p>One step ends what is over, seats arrivals and prefills within the token budget, then decodes
 * one token for every running row. A prompt longer than the budget is prefilled over several steps,
 * one such prompt at a time, between the decode steps of the others. Other threads reach it through
 * {@link #submit}, {@link #wake} and {@link #stop} alone.
 */
public final class StepLoop implements Runnable {
  private static final System.Logger LOG = System.getLogger(StepLoop.class.getName());

  private final ModelExecutor executor;
  private final Admission admission;
  private final int prefillBudget;
  private final int runningPerTenantMax;
  private final StepCounters counters = new StepCounters();
  private final Queue<Sequence> arrivals = new ConcurrentLinkedQueue<>();
  private final Thread thread = Thread.ofPlatform().name("trimtab-steps").daemon().unstarted(this);

  // From here on: the loop's thread alone.
  private final WaitingQueue<Sequence> waiting = new WaitingQueue<>();
  private final SlotTable slots;
  private final Endings endings;
  private final List<Sequence> rows = new ArrayList<>();
  private @Nullable Sequence prefilling;

  /** Sequences that held a slot after the latest step, for whoever asks for the statistics. */
  private volatile int runningInteractive;

  private volatile int runningInBackground;
  private volatile State state = State.NEW;

  enum State {
    NEW,
    RUNNING,
    STOPPING,
    STOPPED,
    /** A broken invariant ended the thread. */
    DEAD;

    boolean isOver() {
      return this == STOPPING || this == STOPPED || this == DEAD;
    }
  }

  /**
   * @param prefillBudget most prompt tokens run between two decode steps
   * @param runningPerTenantMax most slots that one tenant holds
   */
  public StepLoop(
      ModelExecutor executor, Admission admission, int prefillBudget, int runningPerTenantMax) {
    this.executor = executor;
    this.admission = admission;
    this.prefillBudget = prefillBudget;
    this.runningPerTenantMax = runningPerTenantMax;
    this.slots = new SlotTable(executor.slots());
    this.endings = new Endings(admission, this::release);
  }

  public void start() {
    state = State.RUNNING;
    thread.start();
  }

  /** Takes a sequence whose permit is held; the permit is given back with its slot or its end. */
  public void submit(Sequence sequence) {
    arrivals.add(sequence);
    // The loop's last look at the arrivals comes after it left RUNNING: one of the two takes it
    // out.
    if (state.isOver() && arrivals.remove(sequence)) {
      endings.endWaiting(sequence, notServing());
      return;
    }
    wake();
  }

  /** Lets an idle loop look for arrivals and cancellations. */
  public void wake() {
    LockSupport.unpark(thread);
  }

  State state() {
    return state;
  }

  public EngineHealth health() {
    return switch (state) {
      case NEW -> new EngineHealth.Loading();
      case RUNNING -> new EngineHealth.Ready();
      case STOPPING, STOPPED -> new EngineHealth.Stopping();
      case DEAD -> new EngineHealth.Failed("The step loop has died; the log says why");
    };
  }

  static TrimtabException notServing() {
    return new TrimtabException(ErrorCode.UNAVAILABLE, "The server is not serving");
  }

  public EngineStatistics statistics() {
    int background = runningInBackground;
    int waitingInBackground = admission.waiting(Priority.BACKGROUND);
    return counters.snapshot(
        runningInteractive + background,
        admission.waiting(Priority.INTERACTIVE) + waitingInBackground,
        background,
        waitingInBackground);
  }

  /** See {@link StepCounters#stepsSince}. */
  public StepTimes stepsSince(long first) {
    return counters.stepsSince(first);
  }

  /** Ends every request as UNAVAILABLE and the thread with them; returns when it has ended. */
  public void stop() throws InterruptedException {
    if (state == State.NEW) {
      state = State.STOPPED;
      endEverything(notServing());
      return;
    }
    if (state == State.RUNNING) {
      state = State.STOPPING;
    }
    wake();
    thread.join();
  }

  @Override
  public void run() {
    try {
      serve();
      endEverything(new TrimtabException(ErrorCode.UNAVAILABLE, "The server is stopping"));
      state = State.STOPPED;
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "The step loop died", e);
      state = State.DEAD;
      endEverything(new TrimtabException(ErrorCode.INTERNAL, "The step loop died", e));
    }
  }

  private void serve() {
    while (state == State.RUNNING) {
      drainArrivals();
      endOverdue();
      if (slots.isEmpty() && waiting.isEmpty()) {
        idle();
        continue;
      }
      prefill();
      slots.compact(this::move);
      decode();
      countRunning();
    }
  }

  private void endEverything(TrimtabException reason) {
    drainArrivals();
    for (int slot = 0; slot < slots.capacity(); slot++) {
      Sequence sequence = slots.at(slot);
      if (sequence != null) {
        endings.end(sequence, reason);
      }
    }
    waiting.removeIf(sequence -> true).forEach(sequence -> endings.endWaiting(sequence, reason));
  }

  private void countRunning() {
    int background = slots.heldBy(Priority.BACKGROUND);
    runningInteractive = slots.occupied() - background;
    runningInBackground = background;
  }

  private void idle() {
    countRunning();
    if (arrivals.isEmpty() && state == State.RUNNING) {
      LockSupport.park(this);
    }
  }

  private void drainArrivals() {
    for (Sequence next = arrivals.poll(); next != null; next = arrivals.poll()) {
      waiting.add(next);
    }
  }

  private void endOverdue() {
    long now = System.nanoTime();
    for (int slot = 0; slot < slots.capacity(); slot++) {
      Sequence sequence = slots.at(slot);
      TrimtabException reason = sequence == null ? null : sequence.ticket().overdue(now);
      if (sequence != null && reason != null) {
        endings.end(sequence, reason);
      }
    }
    if (!waiting.isEmpty()) {
      for (Sequence sequence :
          waiting.removeIf(candidate -> candidate.ticket().overdue(now) != null)) {
        TrimtabException reason = sequence.ticket().overdue(now);
        endings.endWaiting(sequence, reason == null ? Endings.lost(sequence) : reason);
      }
    }
  }

  /** Spends the step's budget on prompts: the one under way first, then arrivals in their turn. */
  private void prefill() {
    int budget = prefillBudget;
    while (budget > 0) {
      Sequence sequence = prefilling;
      if (sequence == null) {
        sequence = admitNext(budget);
        if (sequence == null) {
          return;
        }
      }
      int count = prefillChunk(sequence, budget);
      budget -= Math.max(1, count);
    }
  }

  /** Seats the sequence whose turn it is; a hole serves one whose prompt fits this step. */
  private @Nullable Sequence admitNext(int budget) {
    Sequence next = slots.hasRoom() ? waiting.next(this::admissible) : null;
    if (next == null) {
      return null;
    }
    int known = executor.knownPrefix(next);
    if (next.pending() - known <= budget) {
      slots.seat(next);
    } else {
      slots.seatBehindRunning(next, this::move);
    }
    // Only now: what can't be seated is still in the queue, where whoever ends everything finds it.
    waiting.take(next);
    admission.leave(next.ticket());
    prefilling = next;
    boolean admitted =
        guarded(
            next,
            () -> {
              executor.admit(next, slots);
              restore(next, known);
              next.task().admitted(known);
            });
    return admitted ? next : null;
  }

  private void restore(Sequence sequence, int known) {
    if (known > 0) {
      reserve(sequence, known);
      executor.restorePrefix(sequence, known);
      sequence.advance(known);
      counters.reused(known);
    }
  }

  /** Where there is no memory, this sequence alone is refused, and may come again. */
  private void reserve(Sequence sequence, int tokens) {
    try {
      reserve(tokens);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "There is no room for longer sequences", e);
      throw new TrimtabException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "The request %s needs memory for %d tokens and there is some for %d; try again later"
              .formatted(sequence.requestId(), tokens, executor.reserved()),
          e);
    }
  }

  private boolean admissible(Sequence candidate) {
    return slots.heldBy(candidate.tenant()) < runningPerTenantMax
        && switch (candidate.ticket().priority()) {
          case INTERACTIVE -> true;
          case BACKGROUND -> slots.heldBy(Priority.BACKGROUND) < Math.max(1, slots.capacity() / 2);
        };
  }

  /** Runs one chunk and hands its logits out; returns the tokens run. */
  private int prefillChunk(Sequence sequence, int budget) {
    PrefillChunk chunk = PrefillChunk.of(sequence, budget, executor.prefillRowsMax());
    long start = System.nanoTime();
    boolean ran = guarded(sequence, () -> runChunk(sequence, chunk));
    if (ran) {
      counters.prefilled(chunk.tokens(), System.nanoTime() - start);
    }
    return chunk.tokens();
  }

  private void runChunk(Sequence sequence, PrefillChunk chunk) {
    reserve(sequence, chunk.end());
    LogitsRow logits =
        executor.prefill(
            sequence, chunk.tokens(), chunk.firstRow(), chunk.rows(), sequence.task().needs());
    sequence.advance(chunk.tokens());
    if (chunk.ends(sequence.prompt().length())) {
      executor.keepPrefix(sequence);
    }
    handOut(sequence, logits, chunk.rows());
  }

  private void handOut(Sequence sequence, LogitsRow logits, int rowCount) {
    for (int row = 0; row < rowCount; row++) {
      if (sequence.task().accept(sequence, logits.at(row)) == Outcome.ENDED) {
        release(sequence);
        return;
      }
    }
    boolean promptDone = sequence.cached() >= sequence.task().endLogitsPosition();
    if (promptDone) {
      prefilling = null;
      slots.join(sequence, this::move);
    }
  }

  private void decode() {
    long start = System.nanoTime();
    long runBefore = executor.runNanos();
    makeRoomForRows();
    int count = slots.running();
    if (count == 0) {
      return;
    }
    rows.clear();
    Coverage coverage = Coverage.BEST;
    for (int row = 0; row < count; row++) {
      Sequence sequence = slots.row(row);
      rows.add(sequence);
      if (sequence.task().needs() == Coverage.FULL) {
        coverage = Coverage.FULL;
      }
    }
    LogitsRow logits;
    try {
      logits = executor.decode(rows, coverage);
    } catch (RuntimeException e) {
      endings.endAll(rows, e);
      return;
    }
    for (int row = 0; row < count; row++) {
      commit(rows.get(row), logits.at(row));
    }
    counters.decoded(count, System.nanoTime() - start, executor.runNanos() - runBefore);
  }

  /** Where there is no memory for the longest rows, these end; the others fit as they are. */
  private void makeRoomForRows() {
    int longest = 0;
    for (int row = 0; row < slots.running(); row++) {
      longest = Math.max(longest, slots.row(row).length());
    }
    try {
      reserve(longest);
    } catch (RuntimeException e) {
      endings.endRowsBeyond(executor.reserved(), slots, e);
      slots.compact(this::move);
    }
  }

  private void commit(Sequence sequence, LogitsRow logits) {
    sequence.advance(1);
    try {
      if (sequence.task().accept(sequence, logits) == Outcome.ENDED) {
        release(sequence);
      }
    } catch (RuntimeException e) {
      endings.endFailed(sequence, e);
    }
  }

  /** Runs what concerns one sequence; what goes wrong ends that one alone. */
  private boolean guarded(Sequence sequence, Runnable action) {
    try {
      action.run();
      return true;
    } catch (RuntimeException e) {
      endings.endFailed(sequence, e);
      return false;
    }
  }

  private void release(Sequence sequence) {
    if (prefilling == sequence) {
      prefilling = null;
    }
    slots.release(sequence);
    sequence.lease().close();
  }

  private void reserve(int tokens) {
    if (tokens > executor.reserved()) {
      executor.reserve(tokens, slots);
    }
  }

  private void move(Sequence sequence, int from, int to) {
    executor.move(sequence, from, to);
    counters.moved();
  }
}
