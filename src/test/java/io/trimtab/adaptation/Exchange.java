package io.trimtab.adaptation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.Role;
import io.trimtab.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A conversation and how many tokens its answer has.
 *
 * @param name tells it from others
 */
record Exchange(String name, List<ChatMessage> messages, int tokens) {
  /** Some with pictures, some that begin alike, one of several turns. */
  static List<Exchange> of(String checkpoint) throws IOException {
    Path samples = Shared.path(checkpoint).resolve("samples");
    JsonNode sample = new ObjectMapper().readTree(samples.resolve("samples.json").toFile());
    Picture first = picture(samples, sample.path(0));
    Picture second = picture(samples, sample.path(1));
    String question = sample.path(0).path("question").textValue();
    return List.of(
        text("brief", "Say 9:30.", 10),
        text("long", "Say 9:30. ".repeat(8) + "How many boats are there?", 6),
        text("like it", "Say 9:30. ".repeat(8) + "What color is the boat?", 8),
        new Exchange(
            "turns",
            List.of(
                Asked.user("How many boats are there?"),
                ChatMessage.text(Role.ASSISTANT, "two"),
                Asked.user("Are you sure?")),
            9),
        new Exchange("picture", List.of(Asked.user(question, first)), 8),
        new Exchange("same picture", List.of(Asked.user("What is in it?", first)), 6),
        new Exchange("other picture", List.of(Asked.user(question, second)), 7));
  }

  private static Exchange text(String name, String text, int tokens) {
    return new Exchange(name, List.of(Asked.user(text)), tokens);
  }

  private static Picture picture(Path folder, JsonNode sample) throws IOException {
    return Picture.of(Files.readAllBytes(folder.resolve(sample.path("image").textValue())));
  }

  /** By name: pictures are large, and the same name is the same conversation. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Exchange exchange && exchange.name.equals(name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
