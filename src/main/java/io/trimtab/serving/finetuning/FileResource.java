package io.trimtab.serving.finetuning;

import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.files.TrainingFile;
import io.trimtab.adaptation.files.TrainingFiles;
import io.trimtab.error.PlainText;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.http.FieldException;
import io.trimtab.serving.http.FileForm;
import io.trimtab.serving.http.FileForm.FormFile;
import io.trimtab.serving.http.HttpCaller;
import io.trimtab.serving.http.RequestBody;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/files}: training data in OpenAI's chat format, checked line by line as it comes in and
 * kept as it came.
 */
@Path("/v1/files")
@Produces(MediaType.APPLICATION_JSON)
public class FileResource {
  private static final String FILE = "file";
  private static final int LIST_MAX = 10_000;
  private static final int NAME_CHARACTERS_MAX = 255;

  private final TrainingFiles files;
  private final ChatFile reader;
  private final HttpCaller caller;

  @Inject
  FileResource(TrainingFiles files, FeedbackLimits feedbackLimits, HttpCaller caller) {
    this.files = files;
    this.reader = new ChatFile(files.limits(), feedbackLimits);
    this.caller = caller;
  }

  /** What is left of a file that was deleted. */
  record Deleted(String id, String object, boolean deleted) {}

  @POST
  @Consumes(MediaType.MULTIPART_FORM_DATA)
  @NonBlocking
  public CompletionStage<Object> upload(
      @Context RoutingContext call, @HeaderParam("content-type") @Nullable String contentType) {
    String tenant = caller.tenant();
    return RequestBody.useFile(
        call, body -> CompletableFuture.completedFuture(kept(tenant, body, contentType)));
  }

  private FileObject kept(String tenant, java.nio.file.Path body, @Nullable String contentType) {
    try (FileForm form = FileForm.read(body, contentType, FILE)) {
      FormFile file = checked(form);
      return FileObject.of(files.add(tenant, name(file), file.path(), lines(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private FormFile checked(FileForm form) {
    String purpose = form.fields().get("purpose");
    if (!FileObject.PURPOSE.equals(purpose)) {
      throw FieldException.invalid(
          "purpose",
          "purpose is %s, expected %s"
              .formatted(purpose == null ? "missing" : Quoted.of(purpose), FileObject.PURPOSE));
    }
    if (form.fields().containsKey("expires_after[anchor]")) {
      throw FieldException.invalid(
          "expires_after", "expires_after is not supported: files stay until they are deleted");
    }
    FormFile file =
        form.file()
            .orElseThrow(
                () ->
                    FieldException.invalid(FILE, "file is missing, expected a part of that name"));
    if (file.bytes() > files.limits().bytesMax()) {
      throw FieldException.invalid(
          FILE,
          "file has %d bytes, expected at most %d"
              .formatted(file.bytes(), files.limits().bytesMax()));
    }
    return file;
  }

  private int lines(FormFile file) throws IOException {
    try (InputStream in = Files.newInputStream(file.path())) {
      return reader.read(in, _ -> {});
    } catch (TrimtabException e) {
      throw new FieldException(FILE, e);
    }
  }

  /** For people to read; nothing is found by it. */
  private static String name(FormFile file) {
    String name = PlainText.of(file.name());
    return name.substring(0, Math.min(name.length(), NAME_CHARACTERS_MAX));
  }

  @GET
  @RunOnVirtualThread
  public Object list(
      @QueryParam("purpose") @Nullable String purpose,
      @QueryParam("order") @Nullable String order,
      @QueryParam("after") @Nullable String after,
      @QueryParam("limit") @Nullable Integer limit) {
    Page.Size size = new Page.Size(limit, LIST_MAX, LIST_MAX);
    boolean none = purpose != null && !purpose.equals(FileObject.PURPOSE);
    List<TrainingFile> all = none ? List.of() : files.list(caller.tenant());
    List<TrainingFile> rest = Page.behind(after, ordered(all, order), TrainingFile::id);
    return Page.of(rest, size, TrainingFile::id, FileObject::of);
  }

  private static List<TrainingFile> ordered(List<TrainingFile> all, @Nullable String order) {
    if (order == null || order.equals("desc")) {
      return all;
    }
    if (order.equals("asc")) {
      return all.reversed();
    }
    throw FieldException.invalid(
        "order", "order is %s, expected asc or desc".formatted(Quoted.of(order)));
  }

  @GET
  @Path("{id}")
  @RunOnVirtualThread
  public Object retrieve(@PathParam("id") String id) {
    return FileObject.of(files.get(caller.tenant(), id));
  }

  /** Whatever the caller would rather have: OpenAI's clients ask for media types of their own. */
  @GET
  @Path("{id}/content")
  @Produces(MediaType.WILDCARD)
  @RunOnVirtualThread
  public Response content(@PathParam("id") String id) {
    return Response.ok(files.contents(files.get(caller.tenant(), id)))
        .type(MediaType.APPLICATION_OCTET_STREAM)
        .build();
  }

  @DELETE
  @Path("{id}")
  @RunOnVirtualThread
  public Object delete(@PathParam("id") String id) {
    files.delete(caller.tenant(), id);
    return new Deleted(id, "file", true);
  }
}
