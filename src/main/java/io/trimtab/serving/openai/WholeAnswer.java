package io.trimtab.serving.openai;

import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.OpenCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Gathers one answer for a client that wants it whole. The engine calls it one thread at a time,
 * and nobody else does, so it has no lock.
 */
final class WholeAnswer implements GenerationListener {
  private final AnswerJson json;
  private final Reply reply;
  private final OpenCalls openCalls;
  private final Logprobs kept;
  private final Executor writing;
  private final List<TokenLogprob> logprobs = new ArrayList<>();
  private @Nullable ServedBy servedBy;

  /** Who waits for the answer. One of the two comes, once. */
  interface Reply {
    void answers(ServedBy by, byte[] json);

    void fails(Throwable failure);
  }

  /**
   * @param writing where the answer is written: it may be long, and the engine's thread has others
   *     to serve
   */
  WholeAnswer(AnswerJson json, Reply reply, OpenCalls openCalls, Logprobs kept, Executor writing) {
    this.json = json;
    this.reply = reply;
    this.openCalls = openCalls;
    this.kept = kept;
    this.writing = writing;
  }

  @Override
  public void started(ServedBy by) {
    servedBy = by;
  }

  @Override
  public void delta(String text, List<TokenLogprob> newLogprobs) {
    if (kept == Logprobs.WRITE) {
      logprobs.addAll(newLogprobs);
    }
  }

  @Override
  public void finished(Completion completion) {
    ServedBy by = servedBy;
    if (by == null) {
      ended(() -> reply.fails(new IllegalStateException("An answer finished before it started")));
      return;
    }
    writing.execute(() -> ended(() -> write(by, completion)));
  }

  @Override
  public void failed(TrimtabException reason) {
    ended(() -> reply.fails(reason));
  }

  private void write(ServedBy by, Completion completion) {
    byte[] written;
    try {
      written = json.whole(by, completion, logprobs);
    } catch (RuntimeException | Error failure) {
      reply.fails(failure);
      return;
    }
    reply.answers(by, written);
  }

  private void ended(Runnable last) {
    last.run();
    openCalls.ended();
  }
}
