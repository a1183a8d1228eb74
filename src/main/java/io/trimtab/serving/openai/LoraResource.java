package io.trimtab.serving.openai;

import io.smallrye.common.annotation.NonBlocking;
import io.trimtab.adapter.AdapterId;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.http.HttpCaller;
import io.trimtab.serving.http.HttpFailure;
import io.trimtab.serving.http.HttpFailure.ApiError;
import io.trimtab.serving.http.RequestBody;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** vLLM's {@code /v1/load_lora_adapter} and {@code /v1/unload_lora_adapter}, in its words. */
@Path("/v1")
@Consumes(MediaType.APPLICATION_JSON)
@NonBlocking
public class LoraResource {
  private static final String NAME = "lora_name";
  private static final String PATH = "lora_path";

  private final LoraFolder folder;
  private final OpenCalls openCalls;
  private final HttpCaller caller;

  @Inject
  LoraResource(LoraFolder folder, OpenCalls openCalls, HttpCaller caller) {
    this.folder = folder;
    this.openCalls = openCalls;
    this.caller = caller;
  }

  @POST
  @Path("load_lora_adapter")
  public CompletionStage<Response> load(@Context RoutingContext client) {
    String tenant = caller.tenant();
    return answer(
        client,
        tenant,
        request -> {
          String name = request.text(NAME).orElse("");
          String path = request.text(PATH).orElse("");
          if (name.isEmpty() || path.isEmpty()) {
            return refused(
                400, "InvalidUserInput", "Both 'lora_name' and 'lora_path' must be provided.");
          }
          LoraFolder.Outcome outcome =
              folder.load(
                  new AdapterId(tenant, name),
                  path,
                  request.flag("load_inplace").orElse(false)
                      ? LoraFolder.Present.REPLACED
                      : LoraFolder.Present.REFUSED);
          return switch (outcome) {
            case DONE -> done("Success: LoRA adapter '%s' added successfully.", name);
            case PRESENT ->
                refused(
                    400,
                    "InvalidUserInput",
                    ("The lora adapter '%s' has already been loaded. If you want to load the"
                            + " adapter in place, set 'load_inplace' to True.")
                        .formatted(name));
            case ABSENT -> refused(404, "NotFoundError", "No adapter found for %s".formatted(path));
            case OFF -> off();
          };
        });
  }

  /**
   * Serves the name to nobody: its revisions stay, unless {@code "delete": true} asks for them to
   * go.
   */
  @POST
  @Path("unload_lora_adapter")
  public CompletionStage<Response> unload(@Context RoutingContext client) {
    String tenant = caller.tenant();
    return answer(
        client,
        tenant,
        request -> {
          String name = request.text(NAME).orElse("");
          if (name.isEmpty()) {
            return refused(
                400,
                "InvalidUserInput",
                "'lora_name' needs to be provided to unload a LoRA adapter.");
          }
          LoraFolder.Outcome outcome =
              folder.unload(
                  tenant,
                  name,
                  request.flag("delete").orElse(false)
                      ? LoraFolder.History.DELETED
                      : LoraFolder.History.KEPT);
          return switch (outcome) {
            case DONE -> done("Success: LoRA adapter '%s' removed successfully.", name);
            case ABSENT, PRESENT ->
                refused(
                    404, "NotFoundError", "The lora adapter '%s' cannot be found.".formatted(name));
            case OFF -> off();
          };
        });
  }

  private CompletionStage<Response> answer(
      RoutingContext client, String tenant, Function<JsonFields, Response> call) {
    return RequestBody.use(
        client,
        tenant,
        body -> {
          openCalls.began();
          try {
            return CompletableFuture.completedFuture(call.apply(JsonFields.of(body)));
          } finally {
            openCalls.ended();
          }
        });
  }

  private static Response done(String words, String name) {
    return Response.ok(words.formatted(name), MediaType.TEXT_PLAIN_TYPE).build();
  }

  private static Response off() {
    return refused(
        400,
        "InvalidUserInput",
        "This server loads no adapters by path: set trimtab.openai.lora-folder to the folder below"
            + " which they lie, or upload them over gRPC (trimtab adapters upload).");
  }

  private static Response refused(int status, String type, String message) {
    HttpFailure failure = new HttpFailure(status, new ApiError(message, type, null, null));
    return Response.status(status)
        .type(MediaType.APPLICATION_JSON_TYPE)
        .entity(failure.body())
        .build();
  }
}
