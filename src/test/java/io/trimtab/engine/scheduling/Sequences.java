package io.trimtab.engine.scheduling;

import io.trimtab.engine.api.Priority;
import io.trimtab.engine.delta.DeltaLease;
import io.trimtab.model.text.Prompt;
import io.trimtab.model.text.RopePositions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Sequences of text alone, for what needs no model. */
public final class Sequences {
  static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private Sequences() {}

  public static RequestTicket ticket(String id, String tenant) {
    return ticket(id, tenant, Priority.INTERACTIVE);
  }

  public static RequestTicket ticket(String id, String tenant, Priority priority) {
    return new RequestTicket(id, tenant, priority, Optional.empty(), NOW, () -> {});
  }

  /** A ticket whose time is over already. */
  static RequestTicket lateTicket(String id, String tenant) {
    return new RequestTicket(
        id, tenant, Priority.INTERACTIVE, Optional.of(NOW.minusSeconds(1)), NOW, () -> {});
  }

  public static Sequence of(
      RequestTicket ticket, Task task, int[] tokens, int promptTokens, int max) {
    int[] ids = Arrays.copyOf(tokens, promptTokens);
    Prompt prompt = new Prompt(ids, List.of(), RopePositions.sequential(promptTokens));
    return new Sequence(
        ticket, prompt, List.of(), DeltaLease.ofBase(), task, List.of(), tokens, max);
  }

  /** A sequence of one token that nobody runs. */
  static Sequence idle(String id, String tenant) {
    return of(ticket(id, tenant), new EchoTask(1, 1), new int[] {1}, 1, 2);
  }

  /** {@code length} token ids that differ from seed to seed. */
  public static int[] prompt(int length, int seed) {
    int[] tokens = new int[length];
    for (int i = 0; i < length; i++) {
      tokens[i] = Math.floorMod(7 * i + 13 * seed, ScriptedExecutor.VOCABULARY);
    }
    return tokens;
  }
}
