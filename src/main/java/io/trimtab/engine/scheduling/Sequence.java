package io.trimtab.engine.scheduling;

import io.trimtab.engine.api.Priority;
import io.trimtab.engine.delta.DeltaLease;
import io.trimtab.engine.delta.HostDelta;
import io.trimtab.engine.vision.ImageEmbeddings;
import io.trimtab.model.text.Prompt;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tokens on their way through the model: the prompt with its pictures, what was generated after it,
 * and how much of that the key-value cache already holds. Owned by the step loop's thread once it
 * is submitted.
 */
public final class Sequence implements WaitingQueue.Waiting {
  private final RequestTicket ticket;
  private final Prompt prompt;
  private final List<ImageEmbeddings> images;
  private final DeltaLease lease;
  private final Task task;
  private final List<PrefixKeys.Key> prefixKeys;
  private final int[] tokens;
  private int length;
  private int cached;

  /** Place in the key-value cache, kept by {@link SlotTable}; −1 while waiting. */
  public int slot = -1;

  /**
   * @param lease holds the delta that the sequence runs with; closed when it ends
   * @param prefixKeys of the prompt's whole blocks, from the first on; empty shares none
   * @param given tokens that are known from the start: the prompt's, and a continuation's to be
   *     scored
   * @param lengthMax most tokens this sequence can come to
   */
  public Sequence(
      RequestTicket ticket,
      Prompt prompt,
      List<ImageEmbeddings> images,
      DeltaLease lease,
      Task task,
      List<PrefixKeys.Key> prefixKeys,
      int[] given,
      int lengthMax) {
    this.ticket = ticket;
    this.prompt = prompt;
    this.images = List.copyOf(images);
    this.lease = lease;
    this.task = task;
    this.prefixKeys = List.copyOf(prefixKeys);
    this.tokens = Arrays.copyOf(given, lengthMax);
    this.length = given.length;
  }

  RequestTicket ticket() {
    return ticket;
  }

  public String requestId() {
    return ticket.requestId();
  }

  @Override
  public String tenant() {
    return ticket.tenant();
  }

  @Override
  public Priority priority() {
    return ticket.priority();
  }

  @Override
  public String toString() {
    return requestId();
  }

  public Prompt prompt() {
    return prompt;
  }

  public List<ImageEmbeddings> images() {
    return images;
  }

  DeltaLease lease() {
    return lease;
  }

  /** The delta of every token's run; null for base. */
  public @Nullable HostDelta delta() {
    return lease.delta();
  }

  Task task() {
    return task;
  }

  /** What the first tokens' keys and values are, block by block. */
  public List<PrefixKeys.Key> prefixKeys() {
    return prefixKeys;
  }

  /**
   * Leading tokens that need not run, given their keys and values: none of their logits is read.
   */
  public int reusableTokens() {
    return Math.min(prompt.length(), task.firstLogitsPosition());
  }

  /** Leading tokens of the prompt whose keys and values are kept for prompts that begin alike. */
  public int keptTokens() {
    return Math.min(prompt.length(), task.keptPromptTokens());
  }

  /** Tokens known so far. */
  public int length() {
    return length;
  }

  /** Leading tokens whose keys and values are in the cache. */
  public int cached() {
    return cached;
  }

  /** Tokens that are known and have yet to run. */
  int pending() {
    return length - cached;
  }

  public int token(int index) {
    return tokens[index];
  }

  public void append(int token) {
    tokens[length++] = token;
  }

  void advance(int count) {
    cached += count;
  }
}
