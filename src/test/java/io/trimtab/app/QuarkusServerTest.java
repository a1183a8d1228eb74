package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.net.BindException;
import org.junit.jupiter.api.Test;

class QuarkusServerTest {
  @Test
  void aFailedStartSaysTheReasonAtTheBottom() {
    Throwable wrapped =
        new RuntimeException("Failed to start", new BindException("Address already in use"));
    TrimtabException refusal = QuarkusServer.refusal(wrapped);
    assertThat(refusal).hasMessage("The server did not start: Address already in use");
    assertThat(refusal.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(refusal).hasCause(wrapped);
  }

  @Test
  void aRefusalOfOursKeepsItsCodeAndWords() {
    TrimtabException ours =
        new TrimtabException(ErrorCode.NOT_FOUND, "no such folder", new RuntimeException("deeper"));
    TrimtabException refusal = QuarkusServer.refusal(new RuntimeException("Failed", ours));
    assertThat(refusal).hasMessage("The server did not start: no such folder");
    assertThat(refusal.code()).isEqualTo(ErrorCode.NOT_FOUND);
  }
}
