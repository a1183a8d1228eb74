package io.trimtab.cli.bench;

import java.util.List;

/**
 * What clients saw in a stretch of time.
 *
 * @param tokenMicros from each token to the next of the same answer
 * @param answerMicros of each whole answer, the mean of those
 * @param firstMicros from each request to its first token
 * @param tokensPerSecond of all clients together
 */
record Served(
    Samples tokenMicros, Samples answerMicros, Samples firstMicros, double tokensPerSecond) {
  /** Of answers, what came before the end. */
  static Served of(List<BenchClients.TokenTimes> answers, long end, long nanos) {
    LongList gaps = new LongList();
    LongList means = new LongList();
    LongList firsts = new LongList();
    int tokens = 0;
    for (BenchClients.TokenTimes answer : answers) {
      long[] times = answer.tokens();
      for (int i = 0; i < times.length && times[i] < end; i++) {
        tokens++;
        if (i == 0) {
          firsts.add(times[0] - answer.asked());
        } else {
          gaps.add(times[i] - times[i - 1]);
        }
      }
      if (times.length > 1 && times[times.length - 1] < end) {
        means.add((times[times.length - 1] - times[0]) / (times.length - 1));
      }
    }
    return new Served(
        Samples.ofMicros(gaps.toArray()),
        Samples.ofMicros(means.toArray()),
        Samples.ofMicros(firsts.toArray()),
        tokens / (nanos / 1e9));
  }
}
