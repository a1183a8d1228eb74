package io.trimtab.cli.feedback;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.google.protobuf.ByteString;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.Image;
import io.trimtab.v1.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A turn of a conversation in a feedback file.
 *
 * @param role system, user or assistant
 */
record LineMessage(
    @JsonProperty("role") @Nullable String role,
    @JsonProperty("parts") @JsonSetter(contentNulls = Nulls.FAIL) @Nullable List<Part> parts) {
  private static final String DATA = "data:";
  private static final String BASE64 = ";base64,";

  /**
   * One of the two, the other is null.
   *
   * @param image path of a picture, from the file's folder, or a data URL in base64
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Part(
      @JsonProperty("text") @Nullable String text, @JsonProperty("image") @Nullable String image) {}

  /** A user's turn of a picture, a question after it, or both. */
  static LineMessage asking(@Nullable String image, @Nullable String question) {
    List<Part> parts = new ArrayList<>();
    if (image != null) {
      parts.add(new Part(null, image));
    }
    if (question != null) {
      parts.add(new Part(question, null));
    }
    return new LineMessage("user", parts);
  }

  /** Whether a line says it by its picture and question alone. */
  boolean asksBriefly() {
    return equals(asking(image(), question())) && !"".equals(question());
  }

  /** The first picture. */
  @Nullable String image() {
    return first(Part::image);
  }

  /** The first text. */
  @Nullable String question() {
    return first(Part::text);
  }

  private @Nullable String first(Function<Part, @Nullable String> kind) {
    return all().stream().map(kind).filter(Objects::nonNull).findFirst().orElse(null);
  }

  private List<Part> all() {
    return parts == null ? List.of() : parts;
  }

  /**
   * The message of the wire.
   *
   * @param folder that pictures' paths start from
   * @throws TrimtabException INVALID_ARGUMENT for a part that is none, or a picture that is not
   *     there
   */
  Message message(Path folder) throws IOException {
    Message.Builder message = Message.newBuilder().setRole(role == null ? "" : role);
    for (Part part : all()) {
      if ((part.text() == null) == (part.image() == null)) {
        throw TrimtabException.invalid("A part is expected to have either a text or an image");
      }
      if (part.text() != null) {
        message.addPartsBuilder().setText(part.text());
      } else if (part.image() != null) {
        message
            .addPartsBuilder()
            .setImage(Image.newBuilder().setData(picture(folder, part.image())));
      }
    }
    return message.build();
  }

  private static ByteString picture(Path folder, String image) throws IOException {
    return image.startsWith(DATA) ? decoded(image) : read(folder, image);
  }

  private static ByteString decoded(String url) {
    int comma = url.indexOf(BASE64);
    try {
      if (comma >= 0) {
        return ByteString.copyFrom(
            Base64.getDecoder().decode(url.substring(comma + BASE64.length())));
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw TrimtabException.invalid(
        "A picture is %s, expected data:image/...;base64, and what it encodes"
            .formatted(Quoted.of(url)));
  }

  private static ByteString read(Path folder, String image) throws IOException {
    Path file;
    try {
      file = folder.resolve(image);
    } catch (InvalidPathException e) {
      throw TrimtabException.invalid("There is no picture %s".formatted(Quoted.of(image)));
    }
    if (!Files.isRegularFile(file)) {
      throw TrimtabException.invalid("There is no picture %s".formatted(file));
    }
    return ByteString.copyFrom(Files.readAllBytes(file));
  }
}
