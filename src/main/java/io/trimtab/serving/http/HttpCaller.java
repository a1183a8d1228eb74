package io.trimtab.serving.http;

import jakarta.enterprise.context.RequestScoped;
import org.jspecify.annotations.Nullable;

/** Who makes the HTTP call at hand; {@link TenantFilter} sets it before any endpoint runs. */
@RequestScoped
public class HttpCaller {
  private @Nullable String tenant;

  /** The call's tenant, from its credential. */
  public String tenant() {
    if (tenant == null) {
      throw new IllegalStateException("A call whose credential nobody has looked at has no tenant");
    }
    return tenant;
  }

  void tenant(String of) {
    tenant = of;
  }
}
