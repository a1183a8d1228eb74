package io.trimtab.app;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.trimtab.serving.InboundBudget;
import io.trimtab.serving.grpc.InboundMessages;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Bounds what is on its way in over gRPC. */
@Singleton
class InboundWiring {
  private static final long LOOK_MILLIS = 5_000;

  private long timer;

  /** Netty collects messages outside the heap, in memory that the JVM bounds. */
  @Produces
  @Singleton
  InboundMessages messages(
      @ConfigProperty(name = "quarkus.grpc.server.max-inbound-message-size") int messageBytesMax) {
    return new InboundMessages(
        InboundBudget.quarterOf("Messages", DirectMemory.bytesMax(), messageBytesMax),
        System::nanoTime);
  }

  void onStart(@Observes StartupEvent event, Vertx vertx, InboundMessages messages) {
    timer = vertx.setPeriodic(LOOK_MILLIS, _ -> messages.look());
  }

  void onStop(@Observes ShutdownEvent event, Vertx vertx) {
    vertx.cancelTimer(timer);
  }
}
