package io.trimtab.serving.http;

import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.core.multipart.MultipartParser;
import org.jspecify.annotations.Nullable;

/**
 * A form ({@code multipart/form-data}, RFC 7578) with one file, which is copied to a file of its
 * own, and fields that are short texts. Closing deletes the file.
 *
 * @param fields by their names
 * @param file empty where none came
 */
public record FileForm(Map<String, String> fields, Optional<FormFile> file)
    implements AutoCloseable {
  private static final int PIECE_BYTES = 1 << 16;
  private static final int BOUNDARY_CHARACTERS_MAX = 256;

  /**
   * The file of a form.
   *
   * @param name as its sender calls it; empty where the part has none
   */
  public record FormFile(String name, Path path, long bytes) {}

  public FileForm {
    fields = Map.copyOf(fields);
  }

  /**
   * Reads a form.
   *
   * @param fileField the one part that is a file, whatever else it says of itself
   * @throws TrimtabException INVALID_ARGUMENT for what is no such form, or one of too much else
   * @throws IOException of the disk
   */
  public static FileForm read(Path body, @Nullable String contentType, String fileField)
      throws IOException {
    byte[] boundary = boundary(contentType);
    FormParts parts = new FormParts(fileField);
    try (InputStream in = Files.newInputStream(body)) {
      parse(in, MultipartParser.beginParse(parts, boundary, StandardCharsets.UTF_8.name()));
      return parts.form();
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  private static void parse(InputStream in, MultipartParser.ParseState parser) throws IOException {
    byte[] piece = new byte[PIECE_BYTES];
    try {
      for (int read = in.read(piece); read >= 0 && !parser.isComplete(); read = in.read(piece)) {
        parser.parse(ByteBuffer.wrap(piece, 0, read));
      }
    } catch (MultipartParser.MalformedMessageException _) {
      throw TrimtabException.invalid("The body is malformed, expected multipart/form-data");
    }
    if (!parser.isComplete()) {
      throw TrimtabException.invalid("The form ends early, expected its closing boundary");
    }
  }

  private static byte[] boundary(@Nullable String contentType) {
    String boundary = null;
    try {
      boundary = MediaType.valueOf(contentType).getParameters().get("boundary");
    } catch (IllegalArgumentException _) {
      // As where there is none.
    }
    if (boundary == null || boundary.isEmpty() || boundary.length() > BOUNDARY_CHARACTERS_MAX) {
      throw TrimtabException.invalid(
          "content-type is %s, expected multipart/form-data with a boundary of 1 to %d characters"
              .formatted(
                  contentType == null ? "missing" : Quoted.of(contentType),
                  BOUNDARY_CHARACTERS_MAX));
    }
    return boundary.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    if (file.isPresent()) {
      Files.deleteIfExists(file.get().path());
    }
  }
}
