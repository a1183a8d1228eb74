package io.trimtab.serving.http;

import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses (403) what a page of another site has a browser change here. Browsers name the page's
 * origin in such calls; a form or a plain text needs no leave to be sent, and where security is off
 * nothing else would tell it from its user. A call that brings a key is the key's.
 */
@Provider
public class OtherSites implements ContainerRequestFilter {
  private static final String ORIGIN = "origin";
  private static final Set<String> READING =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

  @Override
  public void filter(ContainerRequestContext call) {
    String origin = call.getHeaderString(ORIGIN);
    if (origin == null
        || READING.contains(call.getMethod())
        || call.getHeaderString(HttpHeaders.AUTHORIZATION) != null) {
      return;
    }
    String here = call.getUriInfo().getRequestUri().getAuthority();
    if (here == null || !here.equalsIgnoreCase(authority(origin))) {
      throw new ForbiddenException(
          "The call comes from a page of another site; expected the origin to be this server's,"
              + " or an API key");
    }
  }

  private static @Nullable String authority(String origin) {
    try {
      return URI.create(origin).getAuthority();
    } catch (IllegalArgumentException _) {
      return null;
    }
  }
}
