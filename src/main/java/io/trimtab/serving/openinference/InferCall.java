package io.trimtab.serving.openinference;

import inference.ModelInferResponse;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.grpc.UnaryReply;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer for a client that wants it whole. The engine calls it one thread at a time, and nobody
 * else does, so it has no lock.
 */
final class InferCall implements GenerationListener {
  private final InferResponseWriter writer;
  private final UnaryReply<ModelInferResponse> reply;
  private @Nullable ServedBy servedBy;

  InferCall(InferResponseWriter writer, UnaryReply<ModelInferResponse> reply) {
    this.writer = writer;
    this.reply = reply;
  }

  @Override
  public void started(ServedBy by) {
    servedBy = by;
  }

  @Override
  public void delta(String text, List<TokenLogprob> logprobs) {
    // The completion has all of it.
  }

  @Override
  public void finished(Completion completion) {
    if (servedBy == null) {
      reply.fail(new IllegalStateException("An answer finished before it started"));
    } else {
      reply.answer(writer.whole(servedBy, completion));
    }
  }

  @Override
  public void failed(TrimtabException reason) {
    reply.fail(reason);
  }
}
