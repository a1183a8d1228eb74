package io.trimtab.drift;

import io.trimtab.adapter.AdapterId;
import io.trimtab.engine.api.ServedBy;

/** A revision as it is served: at another scale it is another model, and watched anew. */
public record Served(AdapterId id, int revision, float scale) {
  /** What answered a tenant's request; revision 0 is base. */
  public static Served of(String tenant, ServedBy servedBy) {
    return new Served(
        new AdapterId(tenant, servedBy.adapter()), servedBy.revision(), servedBy.scale());
  }

  @Override
  public String toString() {
    return "%s/%s@%d at %s".formatted(id.tenant(), id.name(), revision, scale);
  }
}
