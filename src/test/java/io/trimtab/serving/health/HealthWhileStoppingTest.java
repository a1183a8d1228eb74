package io.trimtab.serving.health;

import static org.assertj.core.api.Assertions.assertThat;

import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import org.junit.jupiter.api.Test;

class HealthWhileStoppingTest {
  @Test
  void everyServiceStopsServingAtOnce() {
    GrpcHealthStorage health = new GrpcHealthStorage();
    health.setStatus(GrpcHealthStorage.DEFAULT_SERVICE_NAME, ServingStatus.SERVING);
    health.setStatus("trimtab.v1.Inference", ServingStatus.SERVING);
    HealthWhileStopping.refuse(health);
    assertThat(health.getStatuses().values()).containsOnly(ServingStatus.NOT_SERVING);
  }
}
