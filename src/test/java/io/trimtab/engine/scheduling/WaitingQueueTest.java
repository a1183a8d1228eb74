package io.trimtab.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.engine.api.Priority;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class WaitingQueueTest {
  private final WaitingQueue<Sequence> queue = new WaitingQueue<>();
  private final Map<String, Sequence> added = new HashMap<>();

  @Test
  void tenantsTakeTurnsAndEachIsServedInOrder() {
    add("a1", "a2", "a3", "b1", "c1", "b2");
    assertThat(drained()).containsExactly("a1", "b1", "c1", "a2", "b2", "a3");
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void aTenantThatComesBackGoesToTheEnd() {
    add("a1", "b1", "b2", "c1");
    queue.take(first());
    add("a2");
    assertThat(drained()).containsExactly("b1", "c1", "a2", "b2");
  }

  @Test
  void whatRunsInTheBackgroundWaitsForAllOthers() {
    Sequence background =
        Sequences.of(
            Sequences.ticket("later", "a", Priority.BACKGROUND),
            new EchoTask(1, 1),
            new int[] {1},
            1,
            2);
    queue.add(background);
    add("a1", "b1");
    assertThat(first()).isSameAs(added.get("a1"));
    queue.take(first());
    queue.take(first());
    assertThat(first()).isSameAs(background);
    assertThat(queue.removeIf(_ -> true)).containsExactly(background);
  }

  @Test
  void whoMayNotRunKeepsItsTurn() {
    add("a1", "b1", "a2");
    Sequence passed = queue.next(candidate -> !candidate.tenant().equals("a"));
    assertThat(passed).isSameAs(added.get("b1"));
    assertThat(queue.next(candidate -> false)).isNull();
    assertThat(drained()).containsExactly("a1", "b1", "a2");
  }

  @Test
  void removalTakesOutThoseAloneAndChangesNoTurn() {
    add("a1", "a2", "b1", "c1", "c2");
    assertThat(queue.removeIf(each -> List.of("a1", "b1").contains(each.requestId())))
        .containsExactly(added.get("a1"), added.get("b1"));
    assertThat(drained()).containsExactly("a2", "c1", "c2");
    assertThat(queue.removeIf(each -> true)).isEmpty();
  }

  @Test
  void onlyTheFirstOfATenantCanBeTaken() {
    add("a1", "a2");
    Sequence second = Objects.requireNonNull(added.get("a2"));
    assertThatThrownBy(() -> queue.take(second))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Not the first of its tenant: a2");
  }

  private void add(String... ids) {
    for (String id : ids) {
      Sequence sequence = Sequences.idle(id, id.substring(0, 1));
      added.put(id, sequence);
      queue.add(sequence);
    }
  }

  private Sequence first() {
    Sequence next = queue.next(candidate -> true);
    if (next == null) {
      throw new AssertionError("Nobody waits");
    }
    return next;
  }

  private List<String> drained() {
    List<String> order = new ArrayList<>();
    while (!queue.isEmpty()) {
      Sequence next = first();
      queue.take(next);
      order.add(next.requestId());
    }
    return order;
  }
}
