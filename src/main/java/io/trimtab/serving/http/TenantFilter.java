package io.trimtab.serving.http;

import io.trimtab.serving.security.Tenants;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;

/** Reads a call's tenant from its credential, or refuses the call. */
@Provider
public class TenantFilter implements ContainerRequestFilter {
  // Filters are made while the program is built up, before there are settings.
  private final Instance<Tenants> tenants;
  private final HttpCaller caller;

  /** That of the call at hand. */
  @Context ResourceInfo resource;

  @Inject
  TenantFilter(Instance<Tenants> tenants, HttpCaller caller) {
    this.tenants = tenants;
    this.caller = caller;
  }

  @Override
  public void filter(ContainerRequestContext call) {
    if (resource.getResourceClass().isAnnotationPresent(AnyCaller.class)) {
      return;
    }
    caller.tenant(
        tenants
            .get()
            .of(
                call.getHeaderString(HttpHeaders.AUTHORIZATION),
                call.getHeaderString(Tenants.HEADER)));
  }
}
