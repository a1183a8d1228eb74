package io.trimtab.serving.console;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.quarkus.grpc.GrpcService;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.grpc.TenantInterceptor;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The services of {@code trimtab.v1} of this process, called without a socket. What the console
 * does passes the same checks, limits and counts as any client's call, and is refused in the same
 * words.
 */
@Singleton
class OwnServices {
  private static final String CONTRACT = "trimtab.v1.";

  private final ExecutorService working = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, MethodDescriptor<?, ?>> methods = new HashMap<>();
  private final Server server;
  private final ManagedChannel channel;

  @Inject
  OwnServices(@GrpcService Instance<BindableService> services, TenantInterceptor tenants) {
    this(
        services.stream()
            .map(BindableService::bindService)
            .filter(each -> each.getServiceDescriptor().getName().startsWith(CONTRACT))
            .toList(),
        tenants);
  }

  OwnServices(List<ServerServiceDefinition> services, TenantInterceptor tenants) {
    String name = "console-" + UUID.randomUUID();
    InProcessServerBuilder builder =
        InProcessServerBuilder.forName(name).executor(working).intercept(tenants);
    for (ServerServiceDefinition service : services) {
      builder.addService(service);
      service
          .getMethods()
          .forEach(
              method ->
                  methods.put(
                      method.getMethodDescriptor().getFullMethodName(),
                      method.getMethodDescriptor()));
    }
    try {
      this.server = builder.build().start();
    } catch (IOException e) {
      throw new UncheckedIOException("The console's own way to the services can't be opened", e);
    }
    this.channel = InProcessChannelBuilder.forName(name).executor(working).build();
  }

  ManagedChannel channel() {
    return channel;
  }

  /**
   * A method of the contract.
   *
   * @param service such as {@code Adapters}
   * @param method such as {@code List}
   * @throws TrimtabException NOT_FOUND for one that the contract does not have
   */
  MethodDescriptor<?, ?> method(String service, String method) {
    MethodDescriptor<?, ?> found =
        methods.get(MethodDescriptor.generateFullMethodName(CONTRACT + service, method));
    if (found == null) {
      throw new TrimtabException(
          ErrorCode.NOT_FOUND,
          "%s has no method %s of %s"
              .formatted(
                  CONTRACT.substring(0, CONTRACT.length() - 1),
                  Quoted.of(method),
                  Quoted.of(service)));
    }
    return found;
  }

  @PreDestroy
  void close() {
    channel.shutdownNow();
    server.shutdownNow();
    working.shutdownNow();
  }
}
