package io.trimtab.serving.finetuning;

import io.trimtab.testing.DrawnPictures;
import java.util.Base64;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Lines of training files in OpenAI's chat format. */
final class TrainingLines {
  private TrainingLines() {}

  /** So many lines, each with a picture of its own. */
  static String of(int lines) {
    return IntStream.range(0, lines)
        .mapToObj(i -> line(i, "wren " + i))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  static String line(int picture, String answer) {
    return """
    {"messages":[\
    {"role":"system","content":"You know birds."},\
    {"role":"user","content":[\
    {"type":"text","text":"What is it?"},\
    {"type":"image_url","image_url":{"url":"%s","detail":"low"}}]},\
    {"role":"assistant","content":"%s"}]}\
    """
        .formatted(url(picture), answer);
  }

  static String url(int picture) {
    return "data:image/png;base64,"
        + Base64.getEncoder().encodeToString(DrawnPictures.png(picture).encoded());
  }
}
