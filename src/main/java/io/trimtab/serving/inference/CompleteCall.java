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
import org.jspecify.annotations.Nullable;

/**
 * Gathers one answer for a client that wants it whole. The engine calls it one thread at a time,
 * and nobody else does, so it has no lock.
 */
final class CompleteCall implements GenerationListener {
  private final CallIds ids;
  private final UnaryReply<GenerateResponse> reply;
  private final List<TokenLogprob> logprobs = new ArrayList<>();
  private @Nullable ServedBy servedBy;

  CompleteCall(CallIds ids, UnaryReply<GenerateResponse> reply) {
    this.ids = ids;
    this.reply = reply;
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
    if (servedBy == null) {
      reply.fail(new IllegalStateException("An answer finished before it started"));
    } else {
      reply.answer(AnswerWriter.response(ids, servedBy, completion, logprobs));
    }
  }

  @Override
  public void failed(TrimtabException reason) {
    reply.fail(reason);
  }
}
