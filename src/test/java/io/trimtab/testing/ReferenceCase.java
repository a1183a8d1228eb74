package io.trimtab.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A conversation with pictures and what transformers made of it: one folder of {@code cases}. */
public record ReferenceCase(String checkpoint, Path folder) {
  /** Every case of a checkpoint that is not an adapter's, in order of names. */
  public static List<ReferenceCase> of(String checkpoint) {
    try (Stream<Path> folders = Files.list(Shared.path(checkpoint).resolve("cases"))) {
      return folders.sorted().map(folder -> new ReferenceCase(checkpoint, folder)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public ReferenceTensors expected() {
    return ReferenceTensors.read(folder.resolve("expected.safetensors"));
  }

  public String generatedText() {
    return json().path("generated_text").textValue();
  }

  public List<ChatMessage> messages() {
    JsonNode json = json();
    List<ChatMessage> messages = new ArrayList<>();
    int pictures = 0;
    for (JsonNode message : json.path("messages")) {
      List<ContentPart> parts = new ArrayList<>();
      for (JsonNode part : message.path("content")) {
        parts.add(
            part.path("type").textValue().equals("image")
                ? picture(json.path("images").path(pictures++).textValue())
                : new TextPart(part.path("text").textValue()));
      }
      messages.add(new ChatMessage(Role.of(message.path("role").textValue()), parts));
    }
    return messages;
  }

  private PicturePart picture(String name) {
    try {
      return new PicturePart(Picture.of(Files.readAllBytes(folder.resolve(name))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonNode json() {
    try {
      return new ObjectMapper().readTree(folder.resolve("case.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return checkpoint + "/" + folder.getFileName();
  }
}
