package io.trimtab.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class InboundBudgetTest {
  private static final int WHOLE = 100;

  private final InboundBudget budget = InboundBudget.quarterOf("Messages", 4 * 1_000, WHOLE);

  @Test
  void aTenantHasAtMostHalfOfAQuarter() {
    assertThat(budget.bytesMax()).isEqualTo(1_000);
    budget.take("birds", 400);
    assertRefused(
        () -> budget.take("birds", 101),
        "Messages of this tenant that are being sent hold 400 bytes, this one needs 101 more,"
            + " expected at most 500 for one tenant");
    // A refusal takes nothing.
    assertThat(budget.heldBytes()).isEqualTo(400);
    budget.take("birds", 100);
    budget.take("ships", 400);
    assertThat(budget.heldBytes()).isEqualTo(900);
  }

  @Test
  void allTogetherHaveAQuarter() {
    budget.take("birds", 500);
    budget.take("ships", 400);
    assertRefused(
        () -> budget.take("trains", 101),
        "Messages that are being sent hold 900 bytes, this one needs 101 more, expected at most"
            + " 1000 together");
    budget.take("trains", 100);
    budget.giveBack("ships", 300);
    budget.take("trains", 300);
    assertThat(budget.heldBytes()).isEqualTo(1_000);
  }

  @Test
  void aLoneWholeOneIsTakenWhateverTheMemory() {
    InboundBudget small = InboundBudget.quarterOf("Messages", 4, WHOLE);
    small.take("birds", WHOLE);
    assertRefused(() -> small.take("ships", 1), "expected at most 100 together");
    small.giveBack("birds", WHOLE);
    small.take("ships", WHOLE);

    // Half would be less than a whole one, the quarter is more.
    InboundBudget middling = InboundBudget.quarterOf("Messages", 4 * 150, WHOLE);
    middling.take("birds", WHOLE);
    assertRefused(() -> middling.take("birds", 1), "expected at most 100 for one tenant");
    middling.take("ships", 50);
  }

  @Test
  void whatIsGivenBackWasTaken() {
    budget.take("birds", 5);
    assertThatThrownBy(() -> budget.giveBack("birds", 6)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> budget.giveBack("ships", 1)).isInstanceOf(IllegalStateException.class);
    budget.giveBack("ships", 0);
    budget.giveBack("birds", 5);
    assertThat(budget.heldBytes()).isZero();
  }

  private static void assertRefused(ThrowingCallable take, String message) {
    assertThatThrownBy(take)
        .isInstanceOfSatisfying(
            TrimtabException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED))
        .hasMessageContaining(message);
  }
}
