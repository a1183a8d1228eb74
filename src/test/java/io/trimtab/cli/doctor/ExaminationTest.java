package io.trimtab.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class ExaminationTest {
  @Test
  void findingsComeInTheOrderOfTheChecks() throws InterruptedException {
    CountDownLatch second = new CountDownLatch(1);
    List<Finding> findings =
        new Examination(Duration.ofMinutes(1))
            .of(
                List.of(
                    check(
                        "first",
                        () -> {
                          second.await();
                          return List.of(Finding.ok("first", "here"));
                        }),
                    check(
                        "second",
                        () -> {
                          second.countDown();
                          return List.of(Finding.ok("second", "here"));
                        })));
    assertThat(findings).extracting(Finding::check).containsExactly("first", "second");
  }

  @Test
  @Timeout(60)
  void aCheckThatNeverEndsIsAFaultAndKeepsNobody() throws InterruptedException {
    List<Finding> findings =
        new Examination(Duration.ofMillis(300))
            .of(
                List.of(
                    check(
                        "stuck",
                        () -> {
                          new CountDownLatch(1).await();
                          return List.of();
                        }),
                    check("well", () -> List.of(Finding.ok("well", "here")))));
    assertThat(findings.getFirst().check()).isEqualTo("stuck");
    assertThat(findings.getFirst().level()).isEqualTo(Level.FAULT);
  }

  @Test
  void aCheckThatFailsIsAFault() throws InterruptedException {
    List<Finding> findings =
        new Examination(Duration.ofMinutes(1))
            .of(
                List.of(
                    check(
                        "broken",
                        () -> {
                          throw new IllegalStateException("oh");
                        })));
    assertThat(findings.getFirst().level()).isEqualTo(Level.FAULT);
    assertThat(findings.getFirst().found()).contains("IllegalStateException: oh");
  }

  private static Check check(String name, Callable<List<Finding>> look) {
    return new Check() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public List<Finding> look() throws Exception {
        return look.call();
      }
    };
  }
}
