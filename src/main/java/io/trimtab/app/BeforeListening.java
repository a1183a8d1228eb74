package io.trimtab.app;

import io.quarkus.vertx.VertxOptionsCustomizer;
import io.trimtab.serving.grpc.GrpcServices;
import io.vertx.core.VertxOptions;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * What has to be before any port is open: settings are checked, who may call is decided, and what
 * gRPC serves is built, the model loaded with it.
 *
 * <p>Quarkus asks for Vert.x' options on the thread that starts the program, before anything uses
 * Vert.x. Its start event comes too late for this: gRPC listens by then, with services that it had
 * built on an event loop, which a model being loaded blocks for seconds.
 */
@ApplicationScoped
class BeforeListening implements VertxOptionsCustomizer {
  private final ConfigCheck settings;
  private final SecurityWiring security;
  private final GrpcServices services;

  BeforeListening(ConfigCheck settings, SecurityWiring security, GrpcServices services) {
    this.settings = settings;
    this.security = security;
    this.services = services;
  }

  @Override
  public void accept(VertxOptions options) {
    settings.check();
    security.check();
    services.build();
  }
}
