package io.trimtab.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class CancellationTest {
  private final Cancellation cancellation = new Cancellation();
  private final AtomicInteger cancels = new AtomicInteger();

  @Test
  void cancelReachesTheEngine() {
    cancellation.attach(cancels::incrementAndGet);
    assertThat(cancels).hasValue(0);
    cancellation.cancel();
    assertThat(cancels).hasValue(1);
  }

  @Test
  void cancelBeforeTheEngineTookTheRequestIsNotLost() {
    cancellation.cancel();
    cancellation.attach(cancels::incrementAndGet);
    assertThat(cancels).hasValue(1);
  }
}
