package io.trimtab.serving.console;

import com.google.protobuf.ByteString;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.trimtab.serving.http.HttpCaller;
import io.trimtab.v1.FileChunk;
import io.trimtab.v1.UploadHeader;
import io.trimtab.v1.UploadRequest;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

/**
 * An adapter's folder, in pieces: begin with the header, send each file's pieces in order, end. A
 * check takes the same way and keeps nothing.
 */
@Path("/console/api/uploads")
@RunOnVirtualThread
public class UploadResource {
  private final OwnServices services;
  private final CallHeaders headers;
  private final HttpCaller caller;
  private final UploadSessions sessions;

  @Inject
  UploadResource(
      OwnServices services, CallHeaders headers, HttpCaller caller, UploadSessions sessions) {
    this.services = services;
    this.headers = headers;
    this.caller = caller;
    this.sessions = sessions;
  }

  /** What names an upload under way. */
  public record Begun(String id) {}

  /**
   * Begins.
   *
   * @param purpose {@code check} keeps nothing; else the folder is a revision in the end
   * @param header a {@code trimtab.v1.UploadHeader}
   */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public Begun begin(@QueryParam("purpose") String purpose, String header) {
    UploadRequest first =
        UploadRequest.newBuilder()
            .setHeader(JsonMethod.read(header, UploadHeader.newBuilder()))
            .build();
    JsonMethod method =
        JsonMethod.of(services.method("Adapters", "check".equals(purpose) ? "Validate" : "Upload"));
    return new Begun(
        sessions.add(() -> UploadSession.begin(caller.tenant(), headers.channel(), method, first)));
  }

  /** Sends the next piece of a file; the answer comes when it is taken. */
  @POST
  @Path("{id}/pieces")
  @Consumes(MediaType.APPLICATION_OCTET_STREAM)
  public void piece(@PathParam("id") String id, @QueryParam("path") String path, byte[] data) {
    sessions
        .get(caller.tenant(), id)
        .send(
            UploadRequest.newBuilder()
                .setFile(
                    FileChunk.newBuilder()
                        .setPath(path == null ? "" : path)
                        .setData(ByteString.copyFrom(data)))
                .build());
  }

  /** The revision, or what the check found. */
  @POST
  @Path("{id}/end")
  @Consumes(MediaType.APPLICATION_JSON)
  @Produces(MediaType.APPLICATION_JSON)
  public String end(@PathParam("id") String id) {
    return JsonMethod.write(sessions.remove(caller.tenant(), id).end());
  }

  /** Gives it up. */
  @DELETE
  @Path("{id}")
  public void cancel(@PathParam("id") String id) {
    sessions.remove(caller.tenant(), id).cancel();
  }
}
