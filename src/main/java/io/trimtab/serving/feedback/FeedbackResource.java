package io.trimtab.serving.feedback;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.trimtab.events.HttpFeedback;
import io.trimtab.serving.http.HttpCaller;
import io.trimtab.serving.http.RequestBody;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * {@code /v1/feedback}: what {@code trimtab.v1.Feedback} does with {@code Submit} and {@code
 * Status}, in the protobuf JSON mapping with the contract's own field names. Feedback is accepted
 * (202) once the log has it; what becomes of it is told by the status. Of a batch, one bad event is
 * an error of its own, and a batch in which none is good is refused as its first is.
 */
@Path("/v1/feedback")
@Produces(MediaType.APPLICATION_JSON)
public class FeedbackResource {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer()
          .preservingProtoFieldNames()
          .alwaysPrintFieldsWithNoPresence()
          .omittingInsignificantWhitespace();

  private final FeedbackSubmissions submissions;
  private final HttpCaller caller;
  private final HttpFeedback reader = new HttpFeedback();

  @Inject
  FeedbackResource(FeedbackSubmissions submissions, HttpCaller caller) {
    this.submissions = submissions;
    this.caller = caller;
  }

  @POST
  @Consumes(MediaType.WILDCARD)
  @NonBlocking
  public CompletionStage<Response> submit(
      @Context RoutingContext call, @Context HttpHeaders headers) {
    String tenant = caller.tenant();
    Map<String, List<String>> values = headers.getRequestHeaders();
    return RequestBody.use(call, tenant, body -> submit(tenant, reader.read(values, bytes(body))));
  }

  private CompletionStage<Response> submit(String tenant, HttpFeedback.Brought brought) {
    return switch (brought) {
      case HttpFeedback.Brought.One(var request) ->
          submissions.submit(tenant, request).thenApply(FeedbackResource::accepted);
      case HttpFeedback.Brought.Batch(var events) ->
          CompletableFuture.completedFuture(
              accepted(BatchSubmission.submit(submissions, tenant, events)));
    };
  }

  private static byte[] bytes(InputStream body) {
    try {
      return body.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @GET
  @RunOnVirtualThread
  public String status() {
    return json(submissions.status(caller.tenant()));
  }

  private static Response accepted(MessageOrBuilder message) {
    return Response.accepted(json(message)).build();
  }

  private static String json(MessageOrBuilder message) {
    try {
      return PRINTER.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("The contract holds no message of unknown type", e);
    }
  }
}
