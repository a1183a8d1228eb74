package io.trimtab.serving.http;

import io.trimtab.serving.security.Tenants;
import jakarta.enterprise.context.RequestScoped;

/** Who makes the HTTP call at hand; {@link TenantFilter} sets it before any endpoint runs. */
@RequestScoped
public class HttpCaller {
  private String tenant = Tenants.DEFAULT;

  /** The call's tenant, from its credential. */
  public String tenant() {
    return tenant;
  }

  void tenant(String of) {
    tenant = of;
  }
}
