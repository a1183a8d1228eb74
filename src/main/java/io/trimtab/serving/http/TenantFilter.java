package io.trimtab.serving.http;

import io.trimtab.serving.security.Tenants;
import jakarta.inject.Inject;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;

/** Reads a call's tenant from its credential, or refuses the call. */
@Provider
public class TenantFilter implements ContainerRequestFilter {
  private final Tenants tenants;
  private final HttpCaller caller;

  @Inject
  TenantFilter(Tenants tenants, HttpCaller caller) {
    this.tenants = tenants;
    this.caller = caller;
  }

  @Override
  public void filter(ContainerRequestContext call) {
    caller.tenant(
        tenants.of(
            call.getHeaderString(HttpHeaders.AUTHORIZATION), call.getHeaderString(Tenants.HEADER)));
  }
}
