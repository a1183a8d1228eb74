package io.trimtab.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.testing.ReferenceTensors;
import io.trimtab.testing.Shared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A conversation with the prompt and the token ids that transformers made of it. */
record ReferenceCase(Path model, Path folder) {
  static final List<String> MODELS =
      List.of("llava-onevision", "qwen2_5-vl", "llava-1.5", "llava-next");

  static Stream<ReferenceCase> all() {
    return MODELS.stream().flatMap(ReferenceCase::of);
  }

  static Stream<ReferenceCase> of(String model) {
    Path folder = Shared.path("reference/" + model);
    try (Stream<Path> cases = Files.list(folder.resolve("cases"))) {
      return cases.sorted().toList().stream().map(each -> new ReferenceCase(folder, each));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  JsonNode json() {
    return JsonFile.read(folder.resolve("case.json"));
  }

  String prompt() {
    return json().path("prompt").textValue();
  }

  List<ChatMessage> messages() {
    List<ChatMessage> messages = new ArrayList<>();
    int[] pictures = new int[1];
    for (JsonNode message : json().path("messages")) {
      List<ContentPart> parts = new ArrayList<>();
      for (JsonNode part : message.path("content")) {
        parts.add(
            part.path("type").asText().equals("image")
                ? new PicturePart(Picture.of(new byte[] {(byte) pictures[0]++}))
                : new TextPart(part.path("text").textValue()));
      }
      messages.add(new ChatMessage(Role.of(message.path("role").textValue()), parts));
    }
    return messages;
  }

  ReferenceTensors expected() {
    return ReferenceTensors.read(folder.resolve("expected.safetensors"));
  }

  int[] inputIds() {
    return Arrays.stream(expected().longs("input_ids")).mapToInt(Math::toIntExact).toArray();
  }

  int imageTokenId() {
    JsonNode config = JsonFile.read(model.resolve("config.json"));
    return config.path("image_token_id").asInt(config.path("image_token_index").asInt());
  }

  /** Lengths of the runs of placeholders in {@link #inputIds}. */
  int[] imageTokenCounts() {
    List<Integer> counts = new ArrayList<>();
    int run = 0;
    for (int id : inputIds()) {
      if (id == imageTokenId()) {
        run++;
      } else if (run > 0) {
        counts.add(run);
        run = 0;
      }
    }
    return counts.stream().mapToInt(Integer::intValue).toArray();
  }

  @Override
  public String toString() {
    return model.getFileName() + "/" + folder.getFileName();
  }
}
