package io.trimtab.cli.ask;

import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.Generator;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Asks one generator, always as the same tenant, of the same adapter, with the same sampling. When
 * the process is told to end (Ctrl-C) while an answer comes, the request is cancelled first.
 *
 * @param adapter as in {@link GenerationRequest#adapter}
 */
public record Asker(
    Generator generator, String tenant, String adapter, SamplingParameters sampling) {
  // So long a cancelled request may take to end before the process does.
  private static final long CANCEL_SECONDS_MAX = 2;

  /**
   * Continues the conversation; hands out text as it comes, on this thread.
   *
   * @throws TrimtabException when the request is refused or fails
   */
  public Answer ask(List<ChatMessage> conversation, Consumer<String> text)
      throws InterruptedException {
    AnswerInbox inbox = new AnswerInbox();
    RequestHandle handle =
        generator.generate(
            new GenerationRequest(
                UUID.randomUUID().toString(),
                tenant,
                adapter,
                conversation,
                sampling,
                Optional.empty()),
            inbox);
    CountDownLatch ended = new CountDownLatch(1);
    Thread cancelling = new Thread(() -> cancel(handle, ended), "cancel-answer");
    Runtime.getRuntime().addShutdownHook(cancelling);
    try {
      return inbox.await(text);
    } catch (InterruptedException e) {
      handle.cancel();
      throw e;
    } finally {
      ended.countDown();
      forget(cancelling);
    }
  }

  private static void cancel(RequestHandle handle, CountDownLatch ended) {
    handle.cancel();
    try {
      var _ = ended.await(CANCEL_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The process is ending, and the hook has done its work.
    }
  }
}
