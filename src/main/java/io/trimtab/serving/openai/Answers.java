package io.trimtab.serving.openai;

import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.RawPrompt;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.RequestOrigin;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.serving.CallIds;
import io.trimtab.serving.Cancellation;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.http.FieldException;
import io.trimtab.serving.inference.RetainingListener;
import io.trimtab.serving.metrics.MeteredGenerator;
import io.trimtab.serving.openai.AnswerJson.StreamedUsage;
import io.trimtab.serving.openai.Asked.Prompt;
import io.trimtab.serving.openai.Asked.Retention;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Has the engine answer what a request asks, until its client goes. The response begins when the
 * answer does, so that whatever is found wrong before has a status of its own. Any thread; waits
 * for nothing.
 */
@Singleton
public class Answers {
  /** What the engine alone can check, beside the prompt. */
  private static final List<String> OTHER_FIELDS =
      List.of(FormatField.NAME, "logit_bias", "stop_token_ids");

  /** What served the answer: {@code base}, or {@code adapter@revision}. */
  static final String SERVED_BY = "x-trimtab-served-by";

  /** What the delta was multiplied by. */
  static final String SCALE = "x-trimtab-scale";

  private final MeteredGenerator generator;
  private final Predictions predictions;
  private final OpenCalls openCalls;
  private final ServingLimits limits;
  private final Executor working = Thread::startVirtualThread;

  @Inject
  public Answers(
      MeteredGenerator generator,
      Predictions predictions,
      OpenCalls openCalls,
      ServingLimits limits) {
    this.generator = generator;
    this.predictions = predictions;
    this.openCalls = openCalls;
    this.limits = limits;
  }

  /** The response, when the answer begins or, where it comes whole, ends. */
  CompletionStage<Response> answer(Asked asked, Client client) {
    CallIds ids = CallIds.of(client.requestId());
    CompletableFuture<Response> response = new CompletableFuture<>();
    openCalls.began();
    try {
      GenerationListener listener = listener(asked, ids, client.cancellation(), response);
      client.cancellation().attach(generate(asked, client, ids, listener));
    } catch (RuntimeException | Error e) {
      openCalls.ended();
      throw refusal(asked.model(), asked.promptField(), e);
    }
    return response;
  }

  private RequestHandle generate(
      Asked asked, Client client, CallIds ids, GenerationListener listener) {
    GenerationRequest request =
        request(asked, client.tenant(), ids.requestId())
            .from(new RequestOrigin(client.trace(), ids.predictionId()));
    return generator.generate(
        request,
        asked.retention() == Retention.KEPT
            ? new RetainingListener(listener, predictions, request, ids.predictionId(), working)
            : listener);
  }

  private static GenerationRequest request(Asked asked, String tenant, String requestId) {
    List<ChatMessage> messages =
        switch (asked.prompt()) {
          case Prompt.Conversation(List<ChatMessage> turns) -> turns;
          case Prompt.Raw _ -> List.of();
        };
    GenerationRequest request =
        new GenerationRequest(
                requestId, tenant, asked.adapter(), messages, asked.sampling(), Optional.empty())
            .as(asked.format());
    return switch (asked.prompt()) {
      case Prompt.Conversation _ -> request;
      case Prompt.Raw(RawPrompt raw) -> request.continuing(raw);
    };
  }

  private GenerationListener listener(
      Asked asked, CallIds ids, Cancellation cancellation, CompletableFuture<Response> response) {
    AnswerIds answerIds =
        new AnswerIds(ids.predictionId(), Instant.now().getEpochSecond(), asked.model());
    // It lives until the answer ends, and the conversation's pictures should not.
    Begin begin = new Begin(asked.model(), asked.promptField(), ids, response);
    return switch (asked.delivery()) {
      case WHOLE ->
          new WholeAnswer(
              new AnswerJson(answerIds, asked.choice(), StreamedUsage.OMIT),
              begin,
              openCalls,
              asked.logprobs(),
              working);
      case STREAMED ->
          begin.stream(
              new AnswerJson(answerIds, asked.choice(), StreamedUsage.OMIT),
              asked.logprobs(),
              cancellation);
      case STREAMED_WITH_USAGE ->
          begin.stream(
              new AnswerJson(answerIds, asked.choice(), StreamedUsage.AT_END),
              asked.logprobs(),
              cancellation);
    };
  }

  /** The failure as the client is told it: with the field that it is about. */
  private static RuntimeException refusal(String model, String promptField, Throwable failure) {
    if (!(failure instanceof TrimtabException refusal)) {
      return failure instanceof RuntimeException known
          ? known
          : new IllegalStateException("A request could not be taken in", failure);
    }
    if (refusal.code() == ErrorCode.NOT_FOUND) {
      return ServedModels.notFound(model);
    }
    if (refusal.code() != ErrorCode.INVALID_ARGUMENT) {
      return refusal;
    }
    // The engine's refusals of anything but the prompt begin with the field's name.
    String message = String.valueOf(refusal.getMessage());
    String field =
        OTHER_FIELDS.stream()
            .filter(name -> message.startsWith(name + ":") || message.startsWith(name + " "))
            .findFirst()
            .orElse(promptField);
    return new FieldException(field, refusal);
  }

  /** The response of one request, to be. */
  private final class Begin implements WholeAnswer.Reply, StreamedAnswer.Begun {
    private final String model;
    private final String promptField;
    private final CallIds ids;
    private final CompletableFuture<Response> response;
    private Object stream = "";

    Begin(String model, String promptField, CallIds ids, CompletableFuture<Response> response) {
      this.model = model;
      this.promptField = promptField;
      this.ids = ids;
      this.response = response;
    }

    StreamedAnswer stream(AnswerJson json, Logprobs kept, Cancellation cancellation) {
      StreamedAnswer answer =
          new StreamedAnswer(
              json, this, cancellation, openCalls, limits.pendingCharactersMax(), kept);
      stream = answer;
      return answer;
    }

    @Override
    public void begins(ServedBy by) {
      response.complete(
          ok(by)
              .type(MediaType.SERVER_SENT_EVENTS_TYPE)
              .header("cache-control", "no-cache")
              // Nginx would gather events otherwise.
              .header("x-accel-buffering", "no")
              .entity(stream)
              .build());
    }

    @Override
    public void answers(ServedBy by, byte[] json) {
      response.complete(ok(by).type(MediaType.APPLICATION_JSON_TYPE).entity(json).build());
    }

    @Override
    public void fails(Throwable failure) {
      response.completeExceptionally(refusal(model, promptField, failure));
    }

    @Override
    public void fails(TrimtabException reason) {
      fails((Throwable) reason);
    }

    private Response.ResponseBuilder ok(ServedBy by) {
      return Response.ok()
          .header(Client.REQUEST_ID, ids.requestId())
          .header(SERVED_BY, by.revision() == 0 ? by.adapter() : by.adapter() + "@" + by.revision())
          .header(SCALE, by.scale());
    }
  }
}
