package io.trimtab.serving.security;

import org.jspecify.annotations.Nullable;

/** Tells for which tenant a call is made. Called for every call, from any thread; never waits. */
public interface Tenants {
  /** The tenant of a call that names none where security is off. */
  String DEFAULT = "default";

  /** Header of HTTP and of gRPC that names the tenant. */
  String HEADER = "x-tenant";

  /**
   * The call's tenant.
   *
   * @param authorization value of the header {@code authorization}, null where there is none
   * @param named value of the header {@code x-tenant}, null where there is none
   * @throws io.trimtab.error.TrimtabException UNAUTHENTICATED for a key that is missing or unknown,
   *     or whose tenant is not the one named; INVALID_ARGUMENT for a name of another spelling
   */
  String of(@Nullable String authorization, @Nullable String named);

  /** Security is off: the tenant is the one that the call names, and keys are not looked at. */
  static Tenants open() {
    return (_, named) -> named == null ? DEFAULT : TenantName.require(named);
  }
}
