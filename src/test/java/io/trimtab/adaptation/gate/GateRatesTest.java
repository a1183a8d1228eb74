package io.trimtab.adaptation.gate;

import io.trimtab.adaptation.gate.SeenEvidence.Truth;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Verdict;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** How often the gate is wrong, over drawn candidates whose truth is known. */
class GateRatesTest {
  private static final int CANDIDATES = 2000;
  private static final int VALIDATION = 60;
  private static final int PROBES = 300;
  private static final GateLimits LIMITS = GateLimits.defaults();

  @Test
  void show() {
    for (double lost : new double[] {.04, .05, .06, .07, .08, .10, .12, .16, .20}) {
      System.out.println(lost - .04 + " " + passRate(Truth.sound().losing(lost), 60, PROBES, 1));
    }
    for (int n : new int[] {12, 20, 40, 80})
      System.out.println(n + " " + passRate(Truth.sound(), n, PROBES, 1));
    for (int n : new int[] {100, 150, 200, 400})
      System.out.println(
          n
              + " probes "
              + passRate(Truth.sound(), 60, n, 1)
              + " "
              + passRate(Truth.sound().losing(.12), 60, n, 1)
              + " "
              + passRate(Truth.sound().losing(.20), 60, n, 1));
    for (double l : new double[] {.1, .15, .2, .25, .3, .4})
      System.out.println(l + " learned " + passRate(Truth.sound().learning(l), 60, PROBES, 1));
    for (double m : new double[] {.03, .04, .045, .05, .1})
      System.out.println(m + " mass " + passRate(Truth.sound().withMass(m), 60, PROBES, 1));
    for (double l : new double[] {.06, .08, .1})
      System.out.println(
          l + " numbers " + passRate(Truth.sound().losing(l).whenWrongSaying("3"), 60, PROBES, 1));
  }

  private static double passRate(Truth truth, int validation, int probes, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int passed = 0;
    for (int i = 0; i < CANDIDATES; i++) {
      GateReport report = Gate.judge(SeenEvidence.draw(truth, validation, probes, random), LIMITS);
      if (report.verdict() == Verdict.PASSED) {
        passed++;
      }
    }
    return passed / (double) CANDIDATES;
  }
}
