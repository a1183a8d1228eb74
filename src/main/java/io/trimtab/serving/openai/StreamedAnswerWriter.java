package io.trimtab.serving.openai;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.impl.HttpServerRequestInternal;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.io.OutputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyWriter;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;

/** Connects an answer that is streamed with its client's connection. */
@Provider
public class StreamedAnswerWriter implements ServerMessageBodyWriter<StreamedAnswer> {
  @Override
  public boolean isWriteable(
      Class<?> type, Type genericType, ResteasyReactiveResourceInfo target, MediaType mediaType) {
    return type == StreamedAnswer.class;
  }

  @Override
  public boolean isWriteable(
      Class<?> type, Type genericType, Annotation[] annotations, MediaType mediaType) {
    return type == StreamedAnswer.class;
  }

  @Override
  public void writeResponse(StreamedAnswer answer, Type genericType, ServerRequestContext context) {
    ResteasyReactiveRequestContext call = (ResteasyReactiveRequestContext) context;
    RoutingContext routing = call.unwrap(RoutingContext.class);
    HttpServerResponse response = routing.response();
    Context connection = ((HttpServerRequestInternal) routing.request()).context();
    call.suspend();
    // However it ends, by its last event or by the client's going.
    routing.addEndHandler(_ -> call.resume());
    response.setChunked(true);
    response.drainHandler(_ -> answer.ready());
    answer.attach(new Sink(response), run -> connection.runOnContext(_ -> run.run()));
  }

  @Override
  public void writeTo(
      StreamedAnswer answer,
      Class<?> type,
      Type genericType,
      Annotation[] annotations,
      MediaType mediaType,
      MultivaluedMap<String, Object> httpHeaders,
      OutputStream entityStream) {
    throw new UnsupportedOperationException("A streamed answer is written to a connection alone");
  }

  private record Sink(HttpServerResponse response) implements EventSink {
    @Override
    public boolean isFull() {
      return response.writeQueueFull();
    }

    @Override
    public boolean isClosed() {
      return response.closed() || response.ended();
    }

    @Override
    public void write(byte[] events) {
      var _ = response.write(Buffer.buffer(events));
    }

    @Override
    public void end(byte[] events) {
      var _ = response.end(Buffer.buffer(events));
    }
  }
}
