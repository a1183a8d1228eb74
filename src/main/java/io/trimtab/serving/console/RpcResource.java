package io.trimtab.serving.console;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.http.HttpCaller;
import io.trimtab.serving.http.RequestBody;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jboss.resteasy.reactive.RestStreamElementType;

/**
 * Every method of {@code trimtab.v1} by its name, with its messages as JSON: {@code POST
 * /console/api/rpc/Adapters/List}. What streams answers is below {@code stream} and comes as
 * server-sent events; how such a call fails is the last of them. JSON is asked for by its media
 * type, which no other site's page can send here unasked.
 */
@Path("/console/api")
@Consumes(MediaType.APPLICATION_JSON)
public class RpcResource {
  /** Far above what any of these methods takes. */
  private static final int SECONDS_MAX = 60;

  private final OwnServices services;
  private final CallHeaders headers;
  private final HttpCaller caller;
  private final OpenStreams streams;

  @Inject
  RpcResource(OwnServices services, CallHeaders headers, HttpCaller caller, OpenStreams streams) {
    this.services = services;
    this.headers = headers;
    this.caller = caller;
    this.streams = streams;
  }

  /** One answer. */
  @POST
  @Path("rpc/{service}/{method}")
  @Produces(MediaType.APPLICATION_JSON)
  @NonBlocking
  public CompletionStage<String> call(
      @PathParam("service") String service,
      @PathParam("method") String method,
      @Context RoutingContext http) {
    JsonMethod called = method(service, method, MethodType.UNARY);
    Channel channel = headers.channel();
    return request(http, caller.tenant(), called)
        .thenApplyAsync(request -> answer(channel, called, request), Thread::startVirtualThread);
  }

  private static String answer(Channel channel, JsonMethod called, Message request) {
    try {
      return JsonMethod.write(
          ClientCalls.blockingUnaryCall(
              channel,
              called.descriptor(),
              CallOptions.DEFAULT.withDeadlineAfter(SECONDS_MAX, TimeUnit.SECONDS),
              request));
    } catch (StatusRuntimeException e) {
      throw Refusals.of(e);
    }
  }

  /** Answers as they come. */
  @POST
  @Path("stream/{service}/{method}")
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @RestStreamElementType(MediaType.TEXT_PLAIN)
  @NonBlocking
  public Multi<String> stream(
      @PathParam("service") String service,
      @PathParam("method") String method,
      @Context RoutingContext http) {
    JsonMethod called = method(service, method, MethodType.SERVER_STREAMING);
    Channel channel = headers.channel();
    String tenant = caller.tenant();
    CompletionStage<Message> request = request(http, tenant, called);
    return Uni.createFrom()
        .completionStage(request)
        .onItem()
        .transformToMulti(
            message ->
                Multi.createFrom()
                    .publisher(
                        new CallStream(channel, called, message, () -> streams.enter(tenant))))
        .onFailure()
        .recoverWithItem(Refusals::json);
  }

  private static CompletionStage<Message> request(
      RoutingContext http, String tenant, JsonMethod called) {
    return RequestBody.use(
        http, tenant, body -> CompletableFuture.completedFuture(called.request(text(body))));
  }

  private static String text(InputStream body) {
    try {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("The body is in memory", e);
    }
  }

  private JsonMethod method(String service, String method, MethodType expected) {
    var found = services.method(service, method);
    if (found.getType() != expected) {
      throw TrimtabException.invalid(
          "%s is %s, expected %s".formatted(found.getFullMethodName(), found.getType(), expected));
    }
    return JsonMethod.of(found);
  }
}
