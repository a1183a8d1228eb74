package io.trimtab.serving.inference;

import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.TrimtabException;
import java.util.List;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a finished answer before its caller learns that it has finished: feedback may name it from
 * then on. An answer that can't be kept is answered all the same, and the log says why; feedback
 * that names it is refused.
 */
public final class RetainingListener implements GenerationListener {
  private static final Logger LOG = Logger.getLogger(RetainingListener.class);

  private final GenerationListener caller;
  private final Predictions predictions;
  private final GenerationRequest request;
  private final String predictionId;
  private final Executor keeping;
  private @Nullable ServedBy servedBy;

  /**
   * @param keeping where the disk may be waited for
   */
  public RetainingListener(
      GenerationListener caller,
      Predictions predictions,
      GenerationRequest request,
      String predictionId,
      Executor keeping) {
    this.caller = caller;
    this.predictions = predictions;
    this.request = request;
    this.predictionId = predictionId;
    this.keeping = keeping;
  }

  @Override
  public void started(ServedBy by) {
    servedBy = by;
    caller.started(by);
  }

  @Override
  public void delta(String text, List<TokenLogprob> logprobs) {
    caller.delta(text, logprobs);
  }

  @Override
  public void finished(Completion completion) {
    ServedBy by = servedBy;
    if (by == null) {
      caller.finished(completion);
      return;
    }
    keeping.execute(
        () -> {
          try {
            predictions.keep(
                request.tenant(),
                predictionId,
                request.adapter(),
                request.messages(),
                completion.text(),
                by);
          } catch (RuntimeException | Error e) {
            LOG.warnf("The prediction %s was not retained: %s", predictionId, e.getMessage());
          }
          caller.finished(completion);
        });
  }

  @Override
  public void failed(TrimtabException reason) {
    caller.failed(reason);
  }
}
