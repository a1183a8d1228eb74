package io.trimtab.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trimtab.engine.api.Priority;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private final Admission admission = new Admission(3, 2);

  @Test
  void aPermitThatIsGivenBackCanBeTakenAgain() {
    admission.enter("a");
    admission.enter("a");
    refused("a", "The tenant's queue is full: 2 requests wait, at most 2 may");
    admission.leave("a");
    admission.enter("a");
    assertThat(admission.waiting()).isEqualTo(2);
  }

  @Test
  void allTenantsTogetherHaveABound() {
    admission.enter("a");
    admission.enter("a");
    admission.enter("b");
    refused("c", "The queue is full: 3 requests wait, at most 3 may");
    assertThat(admission.waiting()).isEqualTo(3);
  }

  @Test
  void aPermitIsGivenBackOnce() {
    admission.enter("a");
    admission.leave("a");
    assertThatThrownBy(() -> admission.leave("a"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("A permit was given back twice for tenant a");
    assertThat(admission.waiting()).isZero();
  }

  @Test
  void memoryThatWaitsHasABoundAndOneAloneIsLetIn() {
    Admission bounded = new Admission(9, 9, 100);
    RequestTicket large = Sequences.ticket("large", "a");
    bounded.enter(large, held(250));
    assertThat(bounded.waitingBytes()).isEqualTo(250);
    RequestTicket second = Sequences.ticket("second", "a");
    requireFull(
        () -> bounded.enter(second, held(1)),
        "The queue is full: what waits holds 250 bytes, this request 1 more, at most 100 may be"
            + " held");
    // Text holds nothing that is counted.
    bounded.enter("b");
    bounded.leave(large);
    bounded.enter(second, held(60));
    RequestTicket third = Sequences.ticket("third", "b");
    requireFull(
        () -> bounded.enter(third, List.of(held(20).getFirst(), held(21).getFirst())),
        "The queue is full: what waits holds 60 bytes, this request 41 more, at most 100 may be"
            + " held");
    bounded.enter(third, held(40));
    assertThat(bounded.waiting()).isEqualTo(3);
    bounded.leave(second);
    bounded.leave(third);
    bounded.leave("b");
    assertThat(bounded.waiting()).isZero();
    assertThat(bounded.waitingBytes()).isZero();
  }

  @Test
  void whatSeveralHoldIsCountedOnce() {
    Admission bounded = new Admission(9, 9, 100);
    List<HeldMemory> picture = held(80);
    RequestTicket twice = Sequences.ticket("twice", "a");
    RequestTicket again = Sequences.ticket("again", "a");
    bounded.enter(twice, List.of(picture.getFirst(), picture.getFirst()));
    bounded.enter(again, picture);
    assertThat(bounded.waitingBytes()).isEqualTo(80);
    bounded.leave(twice);
    assertThat(bounded.waitingBytes()).isEqualTo(80);
    bounded.leave(again);
    assertThat(bounded.waitingBytes()).isZero();
  }

  @Test
  void whatIsReadReplacesWhatCameUnlessThereIsNoRoom() {
    Admission bounded = new Admission(9, 9, 100);
    RequestTicket first = Sequences.ticket("first", "a");
    RequestTicket second = Sequences.ticket("second", "a");
    bounded.enter(first, held(10));
    bounded.enter(second, held(10));
    bounded.exchange(first, held(70));
    assertThat(bounded.waitingBytes()).isEqualTo(80);
    requireFull(
        () -> bounded.exchange(second, held(31)),
        "The queue is full: what waits holds 70 bytes, this request 31 more, at most 100 may be"
            + " held");
    assertThat(bounded.waitingBytes()).isEqualTo(80);
    bounded.leave(first);
    bounded.exchange(second, held(500));
    bounded.leave(second);
    assertThat(bounded.waitingBytes()).isZero();
  }

  /** Such as answers that wait to be read, for as long as interactive requests come. */
  @Test
  void whatWaitsInTheBackgroundTakesNoInteractivePlace() {
    List<RequestTicket> behind =
        List.of(background("1", "a"), background("2", "a"), background("3", "b"));
    behind.forEach(ticket -> admission.enter(ticket, List.of()));
    admission.enter("a");
    admission.enter("a");
    refused("a", "The tenant's queue is full: 2 requests wait, at most 2 may");
    admission.enter("b");
    refused("c", "The queue is full: 3 requests wait, at most 3 may");
    assertThat(admission.waiting()).isEqualTo(6);
    assertThat(admission.waiting(Priority.INTERACTIVE)).isEqualTo(3);
    behind.forEach(admission::leave);
    assertThat(admission.waiting(Priority.BACKGROUND)).isZero();
    assertThat(admission.waiting()).isEqualTo(3);
  }

  @Test
  void theBackgroundHasTheSameBoundsForItself() {
    admission.enter("a");
    admission.enter("a");
    admission.enter("b");
    RequestTicket first = background("1", "a");
    admission.enter(first, List.of());
    admission.enter(background("2", "a"), List.of());
    requireFull(
        () -> admission.enter(background("3", "a"), List.of()),
        "The tenant's background queue is full: 2 requests wait, at most 2 may");
    admission.enter(background("3", "b"), List.of());
    requireFull(
        () -> admission.enter(background("4", "c"), List.of()),
        "The background queue is full: 3 requests wait, at most 3 may");
    admission.leave(first);
    admission.enter(background("4", "c"), List.of());
  }

  @Test
  void theBackgroundHoldsHalfAsMuchMemoryBesides() {
    Admission bounded = new Admission(9, 9, 100);
    RequestTicket first = background("1", "a");
    bounded.enter(first, held(10));
    bounded.exchange(first, held(50));
    requireFull(
        () -> bounded.enter(background("2", "a"), held(1)),
        "The background queue is full: what waits holds 50 bytes, this request 1 more, at most 50"
            + " may be held");
    RequestTicket interactive = Sequences.ticket("interactive", "a");
    bounded.enter(interactive, held(40));
    bounded.enter(Sequences.ticket("beside", "a"), held(60));
    assertThat(bounded.waitingBytes()).isEqualTo(150);
    bounded.leave(first);
    bounded.enter(background("2", "a"), held(1));
    assertThat(bounded.waitingBytes()).isEqualTo(101);
  }

  private static RequestTicket background(String id, String tenant) {
    return Sequences.ticket(id, tenant, Priority.BACKGROUND);
  }

  private static List<HeldMemory> held(long bytes) {
    return List.of(new HeldMemory(new Object(), bytes));
  }

  private static void requireFull(ThrowingCallable entry, String message) {
    TrimtabException refusal = catchThrowableOfType(TrimtabException.class, entry);
    assertThat(refusal.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(refusal).hasMessage(message);
  }

  private void refused(String tenant, String message) {
    TrimtabException refusal =
        catchThrowableOfType(TrimtabException.class, () -> admission.enter(tenant));
    assertThat(refusal.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(refusal).hasMessage(message);
  }
}
