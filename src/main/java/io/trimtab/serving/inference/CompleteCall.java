package io.trimtab.serving.inference;

import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.CallIds;
import io.trimtab.serving.grpc.UnaryReply;
import io.trimtab.v1.GenerateResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Gathers one answer for a client that wants it whole. The engine calls it one thread at a time,
 * and nobody else does, so it has no lock.
 */
final class CompleteCall implements GenerationListener {
  private final CallIds ids;
  private final UnaryReply<GenerateResponse> reply;
  private final Executor writing;
  private final List<TokenLogprob> logprobs = new ArrayList<>();
  private @Nullable ServedBy servedBy;

  /**
   * @param writing where the answer is written: it may be long, and the engine's thread has others
   *     to serve
   */
  CompleteCall(CallIds ids, UnaryReply<GenerateResponse> reply, Executor writing) {
    this.ids = ids;
    this.reply = reply;
    this.writing = writing;
  }

  @Override
  public void started(ServedBy servedBy) {
    this.servedBy = servedBy;
  }

  @Override
  public void delta(String text, List<TokenLogprob> newLogprobs) {
    logprobs.addAll(newLogprobs);
  }

  @Override
  public void finished(Completion completion) {
    ServedBy by = servedBy;
    if (by == null) {
      reply.fail(new IllegalStateException("An answer finished before it started"));
      return;
    }
    writing.execute(() -> reply.write(() -> AnswerWriter.response(ids, by, completion, logprobs)));
  }

  @Override
  public void failed(TrimtabException reason) {
    reply.fail(reason);
  }
}
