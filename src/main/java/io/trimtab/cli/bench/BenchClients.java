package io.trimtab.cli.bench;

import io.trimtab.engine.Engine;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Clients that ask base for a while and note when each token comes. Each has requests that fall due
 * by a Poisson process of its own, and asks the next that is due once the last is answered: a
 * closed loop that keeps its pace while the engine is fast enough.
 */
final class BenchClients {
  private static final int PROMPT_TOKENS = 24;

  private final BenchRequests requests;
  private final int count;

  /**
   * @param count clients
   * @param tokens of each answer, from 2
   */
  BenchClients(Engine engine, int count, int tokens) {
    this.requests = new BenchRequests(engine, PROMPT_TOKENS, tokens);
    this.count = count;
  }

  /**
   * Asks for so long, and waits for the answers under way, which are counted up to then.
   *
   * @param meanGapNanos between the requests of one client; 0 asks again at once
   * @param seed of the gaps: the same one gives the same traffic
   */
  Served serve(long nanos, double meanGapNanos, long seed) throws InterruptedException {
    long end = System.nanoTime() + nanos;
    SplittableRandom seeds = new SplittableRandom(seed);
    ExecutorService clients = Executors.newFixedThreadPool(count);
    try {
      List<Callable<List<TokenTimes>>> each = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        SplittableRandom random = seeds.split();
        each.add(() -> client(end, meanGapNanos, random));
      }
      List<TokenTimes> answers = new ArrayList<>();
      for (Future<List<TokenTimes>> client : clients.invokeAll(each)) {
        answers.addAll(client.get());
      }
      return Served.of(answers, end, nanos);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof TrimtabException refusal
          ? refusal
          : new IllegalStateException("A client failed", e.getCause());
    } finally {
      clients.shutdownNow();
    }
  }

  private List<TokenTimes> client(long end, double meanGapNanos, SplittableRandom random)
      throws InterruptedException {
    List<TokenTimes> answers = new ArrayList<>();
    long due = System.nanoTime() + exponential(meanGapNanos, random);
    while (due < end) {
      sleepUntil(due);
      TokenTimes times = new TokenTimes();
      requests.ask(ServedBy.BASE, times);
      BenchRequests.await(times.answered);
      answers.add(times);
      due = meanGapNanos == 0 ? System.nanoTime() : due + exponential(meanGapNanos, random);
    }
    return answers;
  }

  private static long exponential(double mean, SplittableRandom random) {
    return (long) (-mean * Math.log(1 - random.nextDouble()));
  }

  private static void sleepUntil(long nanoTime) throws InterruptedException {
    long left = nanoTime - System.nanoTime();
    if (left > 0) {
      Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
    }
  }

  /** When the tokens of one answer came. */
  static final class TokenTimes implements GenerationListener {
    private final long asked = System.nanoTime();
    private final LongList tokens = new LongList();
    final CompletableFuture<Completion> answered = new CompletableFuture<>();

    @Override
    public void started(ServedBy servedBy) {}

    @Override
    public void delta(String text, List<TokenLogprob> logprobs) {
      tokens.add(System.nanoTime());
    }

    @Override
    public void finished(Completion completion) {
      answered.complete(completion);
    }

    @Override
    public void failed(TrimtabException reason) {
      answered.completeExceptionally(reason);
    }

    long asked() {
      return asked;
    }

    long[] tokens() {
      return tokens.toArray();
    }
  }
}
