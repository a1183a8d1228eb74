package io.trimtab.serving.inference;

import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.Generator;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.RequestOrigin;
import io.trimtab.serving.CallIds;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.grpc.Caller;
import io.trimtab.v1.GenerateRequest;
import java.util.concurrent.Executor;

/**
 * Where a request to generate comes in, whichever protocol brought it: it is read, counted, and its
 * answer kept where the caller wants that. Any thread that may digest pictures.
 */
public final class GenerationIntake {
  private final Generator generator;
  private final RequestReader reader;
  private final Predictions predictions;
  private final Executor keeping;

  /**
   * @param engine knows the pictures that are kept
   * @param generator answers: the engine, or what stands before it
   * @param keeping where the disk may be waited for
   */
  public GenerationIntake(
      InferenceEngine engine,
      Generator generator,
      ServingLimits limits,
      Predictions predictions,
      Executor keeping) {
    this.generator = generator;
    this.reader = new RequestReader(engine, limits);
    this.predictions = predictions;
    this.keeping = keeping;
  }

  /**
   * Has a request answered.
   *
   * @throws io.trimtab.error.TrimtabException where it is refused; the listener hears nothing then
   */
  public RequestHandle generate(
      CallIds ids, GenerateRequest request, Caller caller, GenerationListener listener) {
    GenerationRequest read =
        reader
            .generation(ids.requestId(), request, caller)
            .from(new RequestOrigin(caller.trace(), ids.predictionId()));
    return generator.generate(
        read,
        request.getRetain()
            ? new RetainingListener(listener, predictions, read, ids.predictionId(), keeping)
            : listener);
  }
}
