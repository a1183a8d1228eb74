package io.trimtab.serving.grpc;

import io.quarkus.arc.Unremovable;
import io.quarkus.grpc.api.ServerBuilderCustomizer;
import io.quarkus.grpc.runtime.config.GrpcServerConfiguration;
import io.vertx.grpc.VertxServerBuilder;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * Has the server count its inbound messages. Quarkus looks for it by its type alone, which its
 * build doesn't see.
 */
@Singleton
@Unremovable
public class InboundCustomizer implements ServerBuilderCustomizer<VertxServerBuilder> {
  private final InboundMessages messages;

  @Inject
  public InboundCustomizer(InboundMessages messages) {
    this.messages = messages;
  }

  @Override
  public void customize(GrpcServerConfiguration config, VertxServerBuilder server) {
    server.addStreamTracerFactory(messages);
  }
}
