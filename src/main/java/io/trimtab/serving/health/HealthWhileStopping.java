package io.trimtab.serving.health;

import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import io.quarkus.runtime.ShutdownEvent;
import io.trimtab.serving.OpenCalls;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.util.List;

/**
 * Tells gRPC's health clients that the server is stopping, before the running calls are waited for:
 * a balancer sends its next call elsewhere while ours end.
 */
@ApplicationScoped
class HealthWhileStopping {
  /** Ahead of {@link OpenCalls}, which waits. */
  private static final int BEFORE_WAITING = Interceptor.Priority.PLATFORM_BEFORE - 1;

  void stop(@Observes @Priority(BEFORE_WAITING) ShutdownEvent stopping, GrpcHealthStorage health) {
    refuse(health);
  }

  static void refuse(GrpcHealthStorage health) {
    for (String service : List.copyOf(health.getStatuses().keySet())) {
      health.setStatus(service, ServingStatus.NOT_SERVING);
    }
  }
}
