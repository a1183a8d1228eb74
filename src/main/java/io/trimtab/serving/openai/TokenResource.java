package io.trimtab.serving.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.trimtab.engine.InferenceEngine;
import io.trimtab.engine.TokenCodec;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.TokenFrame;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.http.FieldException;
import io.trimtab.serving.http.HttpCaller;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * vLLM's {@code /tokenize} and {@code /detokenize}, which its bench tool asks. A conversation's
 * tokens are those of its prompt, each picture's among them.
 */
@Path("/")
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
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
  @RunOnVirtualThread
  public Tokenized tokenize(InputStream body) {
    return whileOpen(
        () -> {
          JsonFields request = JsonBody.read(body);
          requireModel(request);
          TokenCodec codec = engine.tokens();
          List<Integer> tokens =
              request.has("messages") ? ofMessages(request, codec) : ofPrompt(request, codec);
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
  @RunOnVirtualThread
  public Detokenized detokenize(InputStream body) {
    return whileOpen(
        () -> {
          JsonFields request = JsonBody.read(body);
          requireModel(request);
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

  private List<Integer> ofPrompt(JsonFields request, TokenCodec codec) {
    TokenFrame frame =
        request.flag("add_special_tokens").orElse(true) ? TokenFrame.ADD : TokenFrame.OMIT;
    try {
      return codec.encode(reader.prompt(request, frame));
    } catch (TrimtabException e) {
      throw new FieldException("prompt", e);
    }
  }

  private List<Integer> ofMessages(JsonFields request, TokenCodec codec) {
    Unsupported.refuse(request);
    try {
      return codec.encode(new MessageFields(limits, urls).read(request)).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof TrimtabException refusal) {
        throw new FieldException("messages", refusal);
      }
      throw e;
    }
  }

  private void requireModel(JsonFields request) {
    models.adapter(caller.tenant(), request.text(ServedModels.FIELD).orElse(""));
  }

  /** A stopping server lets the call end before it closes the engine. */
  private <T> T whileOpen(Supplier<T> call) {
    openCalls.began();
    try {
      return call.get();
    } finally {
      openCalls.ended();
    }
  }
}
