package io.trimtab.serving.http;

import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.resteasy.reactive.common.headers.HeaderUtil;
import org.jboss.resteasy.reactive.common.util.CaseInsensitiveMap;
import org.jboss.resteasy.reactive.server.core.multipart.MultipartParser;
import org.jspecify.annotations.Nullable;

/** Takes the parts of a form as a parser finds them. Closing gives up what was written. */
final class FormParts implements MultipartParser.PartHandler, Closeable {
  private static final int FIELDS_MAX = 64;
  private static final int FIELD_BYTES_MAX = 2048;

  private final String fileField;
  private final Map<String, String> fields = new LinkedHashMap<>();
  private FileForm.@Nullable FormFile file;

  // Of the part under way.
  private String name = "";
  private OutputStream out = OutputStream.nullOutputStream();
  private long bytes;

  FormParts(String fileField) {
    this.fileField = fileField;
  }

  @Override
  public void beginPart(CaseInsensitiveMap<String> headers) {
    String disposition = Optional.ofNullable(headers.getFirst("Content-Disposition")).orElse("");
    name = value(disposition, "name");
    bytes = 0;
    if (fields.containsKey(name) || (file != null && name.equals(fileField))) {
      throw TrimtabException.invalid(
          "The form has the part %s twice, expected it once".formatted(Quoted.of(name)));
    }
    if (fields.size() >= FIELDS_MAX) {
      throw TrimtabException.invalid(
          "The form has more than %d fields, expected at most that".formatted(FIELDS_MAX));
    }
    if (name.equals(fileField)) {
      begin(value(disposition, "filename"));
    } else {
      out = new ByteArrayOutputStream();
    }
  }

  private void begin(String fileName) {
    try {
      Path path = Files.createTempFile("trimtab-upload", ".part");
      file = new FileForm.FormFile(fileName, path, 0);
      out = Files.newOutputStream(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void data(ByteBuffer data) throws IOException {
    bytes += data.remaining();
    if (bytes > FIELD_BYTES_MAX && !name.equals(fileField)) {
      throw TrimtabException.invalid(
          "The part %s has more than %d bytes, expected at most that"
              .formatted(Quoted.of(name), FIELD_BYTES_MAX));
    }
    if (data.hasArray()) {
      out.write(data.array(), data.arrayOffset() + data.position(), data.remaining());
      data.position(data.limit());
      return;
    }
    while (data.hasRemaining()) {
      out.write(data.get());
    }
  }

  @Override
  public void endPart() {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (name.equals(fileField) && file != null) {
      file = new FileForm.FormFile(file.name(), file.path(), bytes);
    } else if (out instanceof ByteArrayOutputStream text) {
      fields.put(name, text.toString(StandardCharsets.UTF_8));
    }
  }

  FileForm form() {
    return new FileForm(fields, Optional.ofNullable(file));
  }

  @Override
  public void close() throws IOException {
    out.close();
    if (file != null) {
      Files.deleteIfExists(file.path());
    }
  }

  /** RFC 8187's encoded form first, where there is one. */
  private static String value(String disposition, String key) {
    String value = HeaderUtil.extractQuotedValueFromHeaderWithEncoding(disposition, key);
    return value == null ? "" : value;
  }
}
