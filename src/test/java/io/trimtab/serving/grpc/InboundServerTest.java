package io.trimtab.serving.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.serving.FakeEngineProfile;
import io.trimtab.serving.InboundBudget;
import jakarta.inject.Inject;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** That Quarkus' server counts messages, and for whom. */
@QuarkusTest
@TestProfile(FakeEngineProfile.class)
final class InboundServerTest {
  private static final int PATIENCE_SECONDS = 60;
  private static final String GENERATE = "trimtab.v1.Inference/Generate";

  @Inject InboundMessages messages;

  @ConfigProperty(name = "quarkus.grpc.server.test-port")
  int port;

  private RawClient raw;

  @BeforeEach
  void connect() {
    raw = new RawClient(port);
  }

  @AfterEach
  void disconnect() throws Exception {
    raw.close();
    awaitHeld(0);
  }

  @Test
  void aTenantWithoutRoomIsRefusedAndTheOthersAreNot() throws Exception {
    InboundBudget budget = messages.budget();
    long share = budget.tenantBytesMax();
    assertThat(share).isGreaterThanOrEqualTo(64 << 20);
    budget.take("birds", share);
    try {
      RawClient.Call refused = raw.call(GENERATE, "birds");
      refused.begin(1_000, 500);
      assertThat(refused.end())
          .startsWith(
              "8 Messages of this tenant that are being sent hold %d bytes".formatted(share))
          .endsWith("for one tenant");

      raw.call(GENERATE, "ships").begin(1_000, 500);
      awaitHeld(share + 500);

      // Whoever asks for it, it is asked for by nobody.
      RawClient.Call health = raw.call("grpc.health.v1.Health/Check", "birds");
      health.begin(0, 0);
      health.halfClose();
      assertThat(health.end()).startsWith("0 ");
    } finally {
      budget.giveBack("birds", share);
    }
  }

  private void awaitHeld(long bytes) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (messages.budget().heldBytes() != bytes) {
      assertThat(System.nanoTime()).isLessThan(end);
      LockSupport.parkNanos(100_000);
    }
  }
}
