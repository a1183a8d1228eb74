package io.trimtab.adaptation.job;

import static io.trimtab.adaptation.job.JobBench.BIRDS;
import static io.trimtab.adaptation.job.JobBench.CLOCKS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.LogContext;
import org.jboss.logmanager.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose failures hold up whom, and how often they are told. */
class EachByItselfTest {
  private final Logger logger = LogContext.getLogContext().getLogger(EachByItself.class.getName());
  private final Heard heard = new Heard();
  private final EachByItself each = new EachByItself();

  @BeforeEach
  void listen() {
    logger.addHandler(heard);
    logger.setUseParentHandlers(false);
  }

  @AfterEach
  void leave() {
    logger.removeHandler(heard);
    logger.setUseParentHandlers(true);
  }

  @Test
  void aFailureIsToldOnceUntilItGoesWellAgain() {
    for (int look = 0; look < 3; look++) {
      assertThat(each.attempt(BIRDS, () -> fail(ErrorCode.INTERNAL))).isFalse();
      assertThat(each.attempt(CLOCKS, () -> {})).isTrue();
    }
    assertThat(heard.messages).hasSize(1);
    assertThat(each.attempt(BIRDS, () -> {})).isTrue();
    assertThat(each.attempt(BIRDS, () -> fail(ErrorCode.INTERNAL))).isFalse();
    assertThat(each.attempt(CLOCKS, () -> fail(ErrorCode.INTERNAL))).isFalse();
    assertThat(heard.messages)
        .containsExactly(
            "Tuning of acme/birds is held up: as ordered",
            "Tuning of acme/birds is held up: as ordered",
            "Tuning of acme/clocks is held up: as ordered");
  }

  @Test
  void aStoreThatIsAwayIsAwayForAll() {
    for (ErrorCode code : List.of(ErrorCode.UNAVAILABLE, ErrorCode.RESOURCE_EXHAUSTED)) {
      assertThatThrownBy(() -> each.attempt(BIRDS, () -> fail(code))).hasMessage("as ordered");
    }
    assertThat(heard.messages).isEmpty();
  }

  private static void fail(ErrorCode code) {
    throw new TrimtabException(code, "as ordered");
  }

  private static final class Heard extends ExtHandler {
    private final List<String> messages = new ArrayList<>();

    @Override
    protected void doPublish(ExtLogRecord log) {
      messages.add(log.getFormattedMessage());
    }
  }
}
