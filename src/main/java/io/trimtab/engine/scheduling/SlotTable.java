package io.trimtab.engine.scheduling;

import io.trimtab.engine.api.Priority;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which sequence sits in which slot of the key-value cache. Rows {@code [0, running)} decode
 * together and are bound as one prefix; a row that ends leaves a hole, which an arrival takes or
 * the last row moves into. Pure bookkeeping: whoever calls moves the memory. Owned by the step
 * loop's thread.
 */
public final class SlotTable {
  /** Copies a slot's cached keys and values to another slot. */
  interface Mover {
    void move(Sequence sequence, int from, int to);
  }

  private final @Nullable Sequence[] slots;
  private int running;
  private int occupied;

  SlotTable(int slots) {
    this.slots = new Sequence[slots];
  }

  public int capacity() {
    return slots.length;
  }

  /** Rows that decode together; after {@link #compact} none of them is a hole. */
  int running() {
    return running;
  }

  /** The sequence in a decoding row. */
  Sequence row(int row) {
    Objects.checkIndex(row, running);
    return Objects.requireNonNull(slots[row], "a hole among the running rows");
  }

  /** Sequences that hold a slot, decoding or not. */
  int occupied() {
    return occupied;
  }

  /** Slots that a tenant's sequences hold. */
  int heldBy(String tenant) {
    int held = 0;
    for (Sequence sequence : slots) {
      if (sequence != null && sequence.tenant().equals(tenant)) {
        held++;
      }
    }
    return held;
  }

  /** Slots that sequences of a priority hold. */
  int heldBy(Priority priority) {
    int held = 0;
    for (Sequence sequence : slots) {
      if (sequence != null && sequence.ticket().priority() == priority) {
        held++;
      }
    }
    return held;
  }

  boolean isEmpty() {
    return occupied == 0;
  }

  boolean hasRoom() {
    return occupied < slots.length;
  }

  /** What sits in a slot, decoding or not. */
  public @Nullable Sequence at(int slot) {
    return slots[slot];
  }

  /** Seats an arrival in the lowest free slot: a hole first. It does not decode before it joins. */
  void seat(Sequence sequence) {
    for (int slot = 0; slot < slots.length; slot++) {
      if (slots[slot] == null) {
        slots[slot] = sequence;
        sequence.slot = slot;
        occupied++;
        return;
      }
    }
    throw new IllegalStateException("No free slot among " + slots.length);
  }

  /**
   * Seats an arrival behind the running rows, where it can stay through several steps of prefill.
   */
  void seatBehindRunning(Sequence sequence, Mover mover) {
    compact(mover);
    seat(sequence);
  }

  /**
   * Lets a seated sequence decode from the next step on; moves it next to the running rows if need
   * be.
   */
  void join(Sequence sequence, Mover mover) {
    if (sequence.slot < running) {
      return;
    }
    compact(mover);
    if (sequence.slot != running) {
      relocate(sequence, running, mover);
    }
    running++;
  }

  void release(Sequence sequence) {
    if (slots[sequence.slot] != sequence) {
      throw new IllegalStateException("Slot %d holds another sequence".formatted(sequence.slot));
    }
    slots[sequence.slot] = null;
    occupied--;
    while (running > 0 && slots[running - 1] == null) {
      running--;
    }
  }

  /** Fills every hole among the running rows with the last of them. */
  void compact(Mover mover) {
    for (int slot = 0; slot < running; slot++) {
      if (slots[slot] == null) {
        relocate(row(running - 1), slot, mover);
        running--;
        while (running > 0 && slots[running - 1] == null) {
          running--;
        }
      }
    }
  }

  private void relocate(Sequence sequence, int to, Mover mover) {
    mover.move(sequence, sequence.slot, to);
    slots[sequence.slot] = null;
    slots[to] = sequence;
    sequence.slot = to;
  }
}
