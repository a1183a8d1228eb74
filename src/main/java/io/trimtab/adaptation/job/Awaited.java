package io.trimtab.adaptation.job;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What the engine is waited for, as long as the thread is not interrupted. */
final class Awaited {
  private Awaited() {}

  /**
   * Blocks until it is there.
   *
   * @throws TrimtabException the engine's refusal; CANCELLED where the thread is interrupted, as it
   *     is still when this throws
   */
  static <T> T of(CompletableFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof TrimtabException refusal
          ? refusal
          : new CompletionException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrimtabException(
          ErrorCode.CANCELLED, "Interrupted while the engine was waited for", e);
    }
  }
}
