package io.trimtab.adapter;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import org.assertj.core.api.Assertions;

/** Asserts that a call is refused, by code and words. */
final class Refusals {
  private Refusals() {}

  static void assertRefused(Runnable call, ErrorCode code, String message) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> Assertions.assertThat(e.code()).isEqualTo(code))
        .hasMessage(message);
  }
}
