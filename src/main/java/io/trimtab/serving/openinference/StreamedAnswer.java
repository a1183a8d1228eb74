package io.trimtab.serving.openinference;

import inference.ModelStreamInferResponse;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.Cancellation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request of a stream while it is answered. Text that the client is not ready for is joined
 * here. The stream's lock guards the fields that change, and is held by whoever calls {@link
 * #append}, {@link #pending} and {@link #take}.
 */
final class StreamedAnswer implements GenerationListener {
  private final InferStream stream;
  private final InferResponseWriter writer;
  private final Cancellation cancellation = new Cancellation();
  private final StringBuilder pending = new StringBuilder();
  private @Nullable ServedBy servedBy;

  StreamedAnswer(InferStream stream, InferResponseWriter writer) {
    this.stream = stream;
    this.writer = writer;
  }

  void attach(RequestHandle taken) {
    cancellation.attach(taken);
  }

  void cancel() {
    cancellation.cancel();
  }

  @Override
  public void started(ServedBy by) {
    stream.holding(() -> servedBy = by);
  }

  @Override
  public void delta(String text, List<TokenLogprob> logprobs) {
    // Half a character, or a token without text: there is nothing to send yet.
    if (!text.isEmpty()) {
      stream.add(this, text);
    }
  }

  @Override
  public void finished(Completion completion) {
    stream.end(this, () -> last(completion));
  }

  @Override
  public void failed(TrimtabException reason) {
    fail(reason);
  }

  void fail(Throwable failure) {
    stream.end(
        this,
        () -> {
          List<ModelStreamInferResponse> words = new ArrayList<>(take());
          words.add(writer.failure(failure));
          return words;
        });
  }

  void append(String text) {
    pending.append(text);
  }

  /** Characters that wait. */
  int pending() {
    return pending.length();
  }

  /** What waits, as a response; none where nothing does. */
  List<ModelStreamInferResponse> take() {
    if (servedBy == null || pending.isEmpty()) {
      return List.of();
    }
    ModelStreamInferResponse piece = writer.piece(servedBy, pending.toString());
    pending.setLength(0);
    return List.of(piece);
  }

  private List<ModelStreamInferResponse> last(Completion completion) {
    if (servedBy == null) {
      return List.of(
          writer.failure(new IllegalStateException("An answer finished before it started")));
    }
    ModelStreamInferResponse last = writer.last(servedBy, pending.toString(), completion);
    pending.setLength(0);
    return List.of(last);
  }
}
