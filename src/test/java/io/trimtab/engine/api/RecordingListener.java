package io.trimtab.engine.api;

import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** Keeps what one request was told, and holds the caller to the order of the events. */
public final class RecordingListener implements GenerationListener {
  private final List<TokenLogprob> tokens = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private final CompletableFuture<ServedBy> started = new CompletableFuture<>();
  private final CompletableFuture<Completion> ended = new CompletableFuture<>();
  private final CompletableFuture<Void> broken = new CompletableFuture<>();

  /** Called after each delta with the number of tokens so far. */
  public interface AtToken {
    void reached(int tokens);
  }

  public AtToken atToken = count -> {};
  public Runnable atEnd = () -> {};

  /** One whose answer takes so long, however fast the model, that something can be done in it. */
  public static RecordingListener lingering() {
    RecordingListener listener = new RecordingListener();
    listener.atToken = count -> LockSupport.parkNanos(5_000_000);
    return listener;
  }

  @Override
  public void started(ServedBy servedBy) {
    require(!ended.isDone() && started.complete(servedBy), "started after something else");
  }

  @Override
  public void delta(String more, List<TokenLogprob> logprobs) {
    require(started.isDone() && !ended.isDone(), "a delta before the start or after the end");
    text.append(more);
    tokens.addAll(logprobs);
    atToken.reached(tokens.size());
  }

  @Override
  public void finished(Completion completion) {
    require(started.isDone(), "finished before started");
    require(ended.complete(completion), "ended twice");
    atEnd.run();
  }

  @Override
  public void failed(TrimtabException reason) {
    require(ended.completeExceptionally(reason), "ended twice");
    atEnd.run();
  }

  private void require(boolean holds, String otherwise) {
    if (!holds) {
      broken.completeExceptionally(new AssertionError(otherwise));
    }
  }

  /** What the answer said it was served by, waited for. */
  public ServedBy servedBy() {
    awaited(started);
    return started.join();
  }

  public void awaitStart() {
    awaited(started);
  }

  /** The end, waited for; the deltas must add up to its text. */
  public Completion completion() {
    Completion completion = awaited(ended);
    requireUnbroken();
    if (!completion.text().contentEquals(text)) {
      throw new AssertionError("Deltas '%s', answer '%s'".formatted(text, completion.text()));
    }
    return completion;
  }

  /** Why it failed, waited for. */
  public TrimtabException failure() {
    try {
      throw new AssertionError("An answer came: " + ended.get(60, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      requireUnbroken();
      return refusal(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("No end within 60 s", e);
    }
  }

  /** The tokens of the answer, once it has ended. */
  public List<TokenLogprob> tokens() {
    completion();
    return List.copyOf(tokens);
  }

  public List<Integer> tokenIds() {
    return tokens().stream().map(TokenLogprob::token).toList();
  }

  private void requireUnbroken() {
    if (broken.isCompletedExceptionally()) {
      broken.join();
    }
  }

  private static TrimtabException refusal(ExecutionException failure) {
    if (failure.getCause() instanceof TrimtabException refusal) {
      return refusal;
    }
    throw new AssertionError("Not a refusal", failure);
  }

  private static <T> T awaited(CompletableFuture<T> future) {
    try {
      return future.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("The request failed", e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("Nothing came within 60 s", e);
    }
  }
}
