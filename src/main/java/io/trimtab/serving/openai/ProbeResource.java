package io.trimtab.serving.openai;

import io.smallrye.common.annotation.NonBlocking;
import io.trimtab.serving.http.AnyCaller;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What scripts around vLLM ask before anything else. Told to anyone. */
@Path("/")
@AnyCaller
@NonBlocking
public class ProbeResource {
  private final String version;

  @Inject
  ProbeResource(
      @ConfigProperty(name = "quarkus.application.version", defaultValue = "unknown")
          String version) {
    this.version = version;
  }

  /** The body of {@code /version}. */
  public record Version(String version) {}

  @GET
  @Path("version")
  @Produces(MediaType.APPLICATION_JSON)
  public Version version() {
    return new Version(version);
  }

  /** The process answers. Whether it can serve is at {@code /health/ready}. */
  @GET
  @Path("ping")
  public Response ping() {
    return Response.ok().build();
  }

  @POST
  @Path("ping")
  public Response pinged() {
    return ping();
  }
}
