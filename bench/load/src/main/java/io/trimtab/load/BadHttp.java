package io.trimtab.load;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A chat request that has to be refused.
 *
 * @param status HTTP's
 */
record BadHttp(String what, String body, String status) {
  private static final String MESSAGES =
      "\"messages\": [{\"role\": \"user\", \"content\": \"Why?\"}]";
  private static final String PICTURE =
      """
      "messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGVsbG8="}}]}]\
      """;

  private static final List<BadHttp> ALL =
      List.of(
          new BadHttp(
              "a model that isn't there", "{\"model\": \"nobody\", %s}".formatted(MESSAGES), "404"),
          new BadHttp(
              "a revision that isn't there",
              "{\"model\": \"nobody@7\", %s}".formatted(MESSAGES),
              "404"),
          new BadHttp("half a body", "{\"model\": \"base\", \"messages\": [", "400"),
          new BadHttp(
              "a temperature below 0", "{\"temperature\": -1, %s}".formatted(MESSAGES), "400"),
          new BadHttp(
              "a picture that is none", "{\"model\": \"base\", %s}".formatted(PICTURE), "400"),
          new BadHttp("two choices", "{\"n\": 2, %s}".formatted(MESSAGES), "400"));

  static BadHttp any() {
    return ALL.get(ThreadLocalRandom.current().nextInt(ALL.size()));
  }
}
