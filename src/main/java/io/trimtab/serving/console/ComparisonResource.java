package io.trimtab.serving.console;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.ScoreRequest;
import io.trimtab.v1.ScoreResponse;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Has two models read the same answer, and tells token by token how far they lie apart. */
@Path("/console/api/comparison")
public class ComparisonResource {
  /** As many as the graph computes. */
  private static final int ALTERNATIVES = 64;

  private static final int SECONDS_MAX = 60;

  private final CallHeaders headers;

  @Inject
  ComparisonResource(CallHeaders headers) {
    this.headers = headers;
  }

  /**
   * Compares.
   *
   * @param left an adapter's name as requests have it: {@code base}, {@code name@revision}
   * @param right likewise
   * @param request a {@code trimtab.v1.ScoreRequest}; its adapter is not looked at
   */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  public TokenComparison compare(
      @QueryParam("left") @Nullable String left,
      @QueryParam("right") @Nullable String right,
      String request) {
    ScoreRequest read =
        JsonMethod.read(request, ScoreRequest.newBuilder())
            .setPromptLogprobs(false)
            .setTopLogprobs(ALTERNATIVES)
            .build();
    if (left == null || right == null || read.getContinuation().isEmpty()) {
      throw TrimtabException.invalid(
          "left, right and continuation are needed: two models, and the answer that they read");
    }
    Channel channel = headers.channel();
    return TokenComparison.of(score(channel, read, left), score(channel, read, right));
  }

  private static ScoreResponse score(Channel channel, ScoreRequest request, String adapter) {
    try {
      return InferenceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(SECONDS_MAX, TimeUnit.SECONDS)
          .score(request.toBuilder().setAdapter(adapter).build());
    } catch (StatusRuntimeException e) {
      throw Refusals.of(e);
    }
  }
}
