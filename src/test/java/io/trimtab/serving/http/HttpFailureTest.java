package io.trimtab.serving.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HttpFailureTest {
  @Test
  void aBodyThatStallsIsTheClientsFault() {
    HttpFailure failure = HttpFailure.of(new BodyStalled("Nothing of the body came for 30 s"));
    assertThat(failure.status()).isEqualTo(408);
    assertThat(failure.error().type()).isEqualTo("invalid_request_error");
    assertThat(failure.error().code()).isEqualTo("body_stalled");
  }
}
