package io.trimtab.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SlotTableTest {
  private final List<String> moves = new ArrayList<>();
  private final SlotTable.Mover mover =
      (sequence, from, to) -> moves.add("%s %d>%d".formatted(sequence.requestId(), from, to));
  private final SlotTable table = new SlotTable(4);

  @Test
  void rowsThatJoinDecodeInTheOrderOfTheirSlots() {
    running("a", "b", "c");
    assertThat(table.running()).isEqualTo(3);
    assertThat(rows()).containsExactly("a", "b", "c");
    assertThat(moves).isEmpty();
    assertThat(table.hasRoom()).isTrue();
  }

  @Test
  void theLastRowFillsTheHoleOfOneThatEnded() {
    List<Sequence> seated = running("a", "b", "c");
    table.release(seated.get(0));
    table.compact(mover);
    assertThat(rows()).containsExactly("c", "b");
    assertThat(moves).containsExactly("c 2>0");
  }

  @Test
  void theLastRowLeavesNoHole() {
    List<Sequence> seated = running("a", "b", "c");
    table.release(seated.get(1));
    table.release(seated.get(2));
    table.compact(mover);
    assertThat(rows()).containsExactly("a");
    assertThat(moves).isEmpty();
  }

  @Test
  void anArrivalTakesTheHoleAndNothingMoves() {
    List<Sequence> seated = running("a", "b", "c");
    table.release(seated.get(1));
    Sequence arrival = Sequences.idle("d", "t");
    table.seat(arrival);
    table.join(arrival, mover);
    assertThat(rows()).containsExactly("a", "d", "c");
    assertThat(moves).isEmpty();
  }

  @Test
  void aLongPromptWaitsBehindTheRowsAndMovesNextToThem() {
    List<Sequence> seated = running("a", "b", "c");
    Sequence lengthy = Sequences.idle("long", "t");
    table.seatBehindRunning(lengthy, mover);
    assertThat(lengthy.slot).isEqualTo(3);
    table.release(seated.get(0));
    table.release(seated.get(2));
    table.join(lengthy, mover);
    assertThat(rows()).containsExactly("b", "long");
    assertThat(moves).containsExactly("b 1>0", "long 3>1");
  }

  @Test
  void aTenantsSlotsAreCounted() {
    table.seat(Sequences.idle("a", "t"));
    table.seat(Sequences.idle("b", "u"));
    table.seat(Sequences.idle("c", "t"));
    assertThat(table.heldBy("t")).isEqualTo(2);
    assertThat(table.heldBy("nobody")).isZero();
  }

  @Test
  void brokenInvariantsAreStated() {
    List<Sequence> seated = running("a", "b", "c", "d");
    assertThatThrownBy(() -> table.seat(Sequences.idle("e", "t")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("No free slot among 4");
    table.release(seated.get(1));
    assertThatThrownBy(() -> table.release(seated.get(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Slot 1 holds another sequence");
    assertThatThrownBy(() -> table.row(1)).hasMessage("a hole among the running rows");
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  /**
   * Random arrivals and ends, as the step loop makes them, beside a plain map from slot to what its
   * memory holds.
   */
  @ParameterizedTest
  @MethodSource("seeds")
  void rowsAreDenseAndEverySequenceFindsItsMemory(long seed) {
    Random random = new Random(seed);
    int capacity = 1 + random.nextInt(9);
    SlotTable slots = new SlotTable(capacity);
    Map<Integer, Sequence> memory = new HashMap<>();
    List<Sequence> decoding = new ArrayList<>();
    SlotTable.Mover moving =
        (sequence, from, to) -> {
          assertThat(memory.remove(from)).isSameAs(sequence);
          assertThat(memory.put(to, sequence)).isNull();
        };
    Sequence prefilling = null;
    for (int operation = 0; operation < 100; operation++) {
      int choice = random.nextInt(4);
      if (choice == 0 && slots.hasRoom() && prefilling == null) {
        Sequence arrival = Sequences.idle("r" + operation, "t");
        slots.seat(arrival);
        memory.put(arrival.slot, arrival);
        slots.join(arrival, moving);
        decoding.add(arrival);
      } else if (choice == 1 && slots.hasRoom() && prefilling == null) {
        prefilling = Sequences.idle("p" + operation, "t");
        slots.seatBehindRunning(prefilling, moving);
        memory.put(prefilling.slot, prefilling);
      } else if (choice == 2 && prefilling != null) {
        if (random.nextBoolean()) {
          slots.join(prefilling, moving);
          decoding.add(prefilling);
        } else {
          slots.release(prefilling);
          memory.remove(prefilling.slot);
        }
        prefilling = null;
      } else if (choice == 3 && !decoding.isEmpty()) {
        Sequence ended = decoding.remove(random.nextInt(decoding.size()));
        slots.release(ended);
        memory.remove(ended.slot);
      }
      if (random.nextBoolean()) {
        slots.compact(moving);
        assertThat(slots.running()).isEqualTo(decoding.size());
        for (int row = 0; row < slots.running(); row++) {
          assertThat(decoding).contains(slots.row(row));
        }
      }
      assertThat(slots.occupied()).isEqualTo(memory.size());
      for (int slot = 0; slot < capacity; slot++) {
        assertThat(slots.at(slot)).isSameAs(memory.get(slot));
      }
      memory.forEach((slot, sequence) -> assertThat(sequence.slot).isEqualTo(slot));
    }
  }

  private List<Sequence> running(String... ids) {
    List<Sequence> seated = new ArrayList<>();
    for (String id : ids) {
      Sequence sequence = Sequences.idle(id, "t");
      table.seat(sequence);
      table.join(sequence, mover);
      seated.add(sequence);
    }
    return seated;
  }

  private List<String> rows() {
    List<String> rows = new ArrayList<>();
    for (int row = 0; row < table.running(); row++) {
      rows.add(table.row(row).requestId());
    }
    return rows;
  }
}
