package io.trimtab.serving.security;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostNamesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LocalHost",
        "localhost.",
        "a.localhost",
        "127.0.0.1",
        "127.1.2.3",
        "::1",
        "[::1]"
      })
  void loopbackGoesByThese(String host) {
    assertThat(HostNames.LOOPBACK.has(host)).isTrue();
    assertThat(HostNames.ANY.has(host)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rebound.example",
        "localhost.example",
        "127.0.0.1.example",
        "notlocalhost",
        "128.0.0.1",
        "0.0.0.0",
        "[::2]",
        ""
      })
  void loopbackDoesNotGoByThese(String host) {
    assertThat(HostNames.LOOPBACK.has(host)).isFalse();
    assertThat(HostNames.ANY.has(host)).isTrue();
  }
}
