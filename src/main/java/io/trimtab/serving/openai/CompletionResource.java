package io.trimtab.serving.openai;

import io.smallrye.common.annotation.NonBlocking;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.http.HttpCaller;
import io.trimtab.serving.http.RequestBody;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.concurrent.CompletionStage;

/** {@code /v1/completions}: OpenAI's older endpoint, which knows no conversations. */
@Path("/v1/completions")
public class CompletionResource {
  private final CompletionReader reader;
  private final Answers answers;
  private final HttpCaller caller;

  @Inject
  CompletionResource(
      ServedModels models,
      SamplingDefaults defaults,
      ServingLimits limits,
      Answers answers,
      HttpCaller caller) {
    this.reader = new CompletionReader(models, defaults, limits);
    this.answers = answers;
    this.caller = caller;
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @NonBlocking
  public CompletionStage<Response> complete(@Context RoutingContext call) {
    Client client = Client.of(caller, call);
    return RequestBody.use(
        call,
        client.tenant(),
        body -> answers.answer(reader.read(JsonFields.of(body), client.tenant()), client));
  }
}
