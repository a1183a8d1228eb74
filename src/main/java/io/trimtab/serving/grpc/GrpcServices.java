package io.trimtab.serving.grpc;

import io.grpc.BindableService;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;

/** All that is served over gRPC. */
@Singleton
public class GrpcServices {
  private final Instance<BindableService> services;

  GrpcServices(@Any Instance<BindableService> services) {
    this.services = services;
  }

  /** Builds them, and what they stand on, unless that is done; takes as long as a model needs. */
  public void build() {
    services.forEach(_ -> {});
  }
}
