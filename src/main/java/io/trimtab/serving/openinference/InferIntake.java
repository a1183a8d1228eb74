package io.trimtab.serving.openinference;

import inference.ModelInferRequest;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.serving.CallIds;
import io.trimtab.serving.grpc.Caller;
import io.trimtab.serving.inference.GenerationIntake;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Has requests of this protocol answered where all requests are. Not for an event loop. */
final class InferIntake {
  private final InferRequestReader reader;
  private final GenerationIntake intake;

  InferIntake(InferRequestReader reader, GenerationIntake intake) {
    this.reader = reader;
    this.intake = intake;
  }

  /**
   * Has a request answered.
   *
   * @param made names for it; its own id takes the place of the first
   * @throws io.trimtab.error.TrimtabException where it is refused; the listener hears nothing then
   */
  RequestHandle generate(
      ModelInferRequest request, CallIds made, Caller caller, GenerationListener listener) {
    CallIds ids = request.getId().isEmpty() ? made : made.named(request.getId());
    RequestParameters parameters = RequestParameters.read(request.getParametersMap());
    return intake.generate(
        ids,
        reader.read(request, parameters),
        parameters.timeout().map(timeout -> within(caller, timeout)).orElse(caller),
        listener);
  }

  private static Caller within(Caller caller, Duration timeout) {
    Instant end = Instant.now().plus(timeout);
    return new Caller(
        caller.tenant(),
        Optional.of(caller.deadline().filter(known -> known.isBefore(end)).orElse(end)),
        caller.trace());
  }
}
