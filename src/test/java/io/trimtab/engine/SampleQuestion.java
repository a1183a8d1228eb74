package io.trimtab.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.model.text.Picture;
import io.trimtab.testing.Shared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A question that travels with a bundled model, and the answer that transformers gave. */
public record SampleQuestion(String checkpoint, Picture picture, String text, String expected) {
  public static final List<String> CHECKPOINTS =
      List.of("models/dinghy-llava", "models/dinghy-qwen");

  static List<SampleQuestion> of(String checkpoint) {
    Path folder = Shared.path(checkpoint).resolve("samples");
    List<SampleQuestion> samples = new ArrayList<>();
    try {
      JsonNode file = new ObjectMapper().readTree(folder.resolve("samples.json").toFile());
      for (JsonNode sample : file) {
        samples.add(
            new SampleQuestion(
                checkpoint,
                Picture.of(Files.readAllBytes(folder.resolve(sample.path("image").textValue()))),
                sample.path("question").textValue(),
                sample.path("expected").textValue()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return samples;
  }

  Question question() {
    return Question.of(text, picture);
  }
}
