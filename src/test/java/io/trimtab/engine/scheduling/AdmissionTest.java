package io.trimtab.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
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

  private void refused(String tenant, String message) {
    TrimtabException refusal =
        catchThrowableOfType(TrimtabException.class, () -> admission.enter(tenant));
    assertThat(refusal.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(refusal).hasMessage(message);
  }
}
