package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.TrimtabException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecurityWiringTest {
  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.7"})
  void addressesThatOthersReachAreRefusedWithoutKeys(String host) {
    assertThatThrownBy(() -> SecurityWiring.require(host))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining(host)
        .hasMessageContaining("trimtab.security.api-keys")
        .hasMessageContaining("trimtab.security.open=true");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "::1"})
  void addressesOfThisMachineAloneAreNot(String host) {
    assertThatCode(() -> SecurityWiring.require(host)).doesNotThrowAnyException();
  }
}
