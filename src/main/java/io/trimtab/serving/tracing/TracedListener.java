package io.trimtab.serving.tracing;

import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.TrimtabException;
import java.util.List;

/**
 * Hands everything on; tells the request's span of what comes once, and of tokens the first. The
 * span is over before the caller learns that the answer is: who has the answer finds it told.
 */
final class TracedListener implements GenerationListener {
  private final RequestSpan span;
  private final GenerationListener caller;
  private boolean begun;

  TracedListener(RequestSpan span, GenerationListener caller) {
    this.span = span;
    this.caller = caller;
  }

  @Override
  public void started(ServedBy by) {
    span.admitted(by);
    caller.started(by);
  }

  @Override
  public void delta(String text, List<TokenLogprob> logprobs) {
    if (!begun) {
      begun = true;
      span.firstToken();
    }
    caller.delta(text, logprobs);
  }

  @Override
  public void finished(Completion completion) {
    span.finished(completion);
    caller.finished(completion);
  }

  @Override
  public void failed(TrimtabException reason) {
    span.failed(reason);
    caller.failed(reason);
  }
}
