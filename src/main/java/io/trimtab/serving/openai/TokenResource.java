package io.trimtab.serving.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.smallrye.common.annotation.NonBlocking;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.engine.api.RawPrompt;
import io.trimtab.engine.api.TokenCodec;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.TokenFrame;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.http.FieldException;
import io.trimtab.serving.http.HttpCaller;
import io.trimtab.serving.http.RequestBody;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * vLLM's {@code /tokenize} and {@code /detokenize}, which its bench tool asks. A conversation's
 * tokens are those of its prompt, each picture's among them.
 */
@Path("/")
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
@NonBlocking
public class TokenResource {
  private static final String TOKENS = "tokens";

  private final ServedModels models;
  private final InferenceEngine engine;
  private final ServingLimits limits;
  private final PictureUrls urls;
  private final CompletionReader reader;
  private final OpenCalls openCalls;
  private final HttpCaller caller;

  @Inject
  TokenResource(
      ServedModels models,
      InferenceEngine engine,
      ServingLimits limits,
      RemotePictures remote,
      OpenCalls openCalls,
      HttpCaller caller) {
    this.models = models;
    this.engine = engine;
    this.limits = limits;
    this.urls = new PictureUrls(remote);
    this.reader = new CompletionReader(models, SamplingDefaults.OPENAI, limits);
    this.openCalls = openCalls;
    this.caller = caller;
  }

  /**
   * The tokens of a prompt.
   *
   * @param tokenStrings each token's text by itself; null unless {@code return_token_strs} asks
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Tokenized(
      int count,
      @JsonProperty("max_model_len") int maxModelLen,
      List<Integer> tokens,
      @JsonProperty("token_strs") @Nullable List<String> tokenStrings) {}

  /** The text of tokens. */
  public record Detokenized(String prompt) {}

  @POST
  @Path("tokenize")
  public CompletionStage<Tokenized> tokenize(@Context RoutingContext client) {
    return answer(
        client,
        (tenant, request) -> {
          TokenCodec codec = engine.tokens();
          List<Integer> tokens =
              request.has("messages")
                  ? ofMessages(tenant, request, codec)
                  : ofPrompt(tenant, request, codec);
          boolean texts = request.flag("return_token_strs").orElse(false);
          return new Tokenized(
              tokens.size(),
              engine.model().maxSequenceTokens(),
              tokens,
              texts ? tokens.stream().map(codec::textOf).toList() : null);
        });
  }

  @POST
  @Path("detokenize")
  public CompletionStage<Detokenized> detokenize(@Context RoutingContext client) {
    return answer(
        client,
        (_, request) -> {
          List<Integer> tokens = TokenIds.of(request.elements(TOKENS), TOKENS);
          if (tokens.size() > limits.textCharactersMax()) {
            throw FieldException.invalid(
                TOKENS,
                "tokens has %d entries, expected at most %d"
                    .formatted(tokens.size(), limits.textCharactersMax()));
          }
          return new Detokenized(engine.tokens().decode(tokens));
        });
  }

  private List<Integer> ofPrompt(String tenant, JsonFields request, TokenCodec codec) {
    TokenFrame frame =
        request.flag("add_special_tokens").orElse(true) ? TokenFrame.ADD : TokenFrame.OMIT;
    RawPrompt prompt;
    try {
      prompt = reader.prompt(request, frame);
    } catch (TrimtabException e) {
      throw new FieldException("prompt", e);
    }
    return awaited("prompt", codec.encode(tenant, prompt));
  }

  private List<Integer> ofMessages(String tenant, JsonFields request, TokenCodec codec) {
    Unsupported.refuse(request);
    return awaited("messages", codec.encode(tenant, new MessageFields(limits, urls).read(request)));
  }

  /** The tokens; a refusal of what was sent names the field, one of the server's state does not. */
  private static List<Integer> awaited(String field, CompletableFuture<List<Integer>> tokens) {
    try {
      return tokens.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof TrimtabException refusal) {
        throw refusal.code() == ErrorCode.INVALID_ARGUMENT
            ? new FieldException(field, refusal)
            : refusal;
      }
      throw e;
    }
  }

  /** Answers a request for a model that is there. A stopping server lets the call end. */
  private <T> CompletionStage<T> answer(
      RoutingContext client, BiFunction<String, JsonFields, T> call) {
    String tenant = caller.tenant();
    return RequestBody.use(
        client,
        tenant,
        body -> {
          openCalls.began();
          try {
            JsonFields request = JsonFields.of(body);
            var _ = models.adapter(tenant, request.text(ServedModels.FIELD).orElse(""));
            return CompletableFuture.completedFuture(call.apply(tenant, request));
          } finally {
            openCalls.ended();
          }
        });
  }
}
