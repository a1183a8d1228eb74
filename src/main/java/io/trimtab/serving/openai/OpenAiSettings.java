package io.trimtab.serving.openai;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What operators choose of this edge.
 *
 * @param servedModelNames further names of the base model, the first of which answers carry
 * @param loraFolder below which adapters may be loaded by path; empty for none
 * @param imageUrls which pictures are fetched
 */
public record OpenAiSettings(
    List<String> servedModelNames, Optional<Path> loraFolder, ImageUrls imageUrls) {
  /**
   * Pictures that lie elsewhere.
   *
   * @param hosts that are asked, and with a leading dot all hosts below a name; empty for none
   * @param bytesMax of a picture
   * @param timeMax for one picture
   */
  public record ImageUrls(List<String> hosts, int bytesMax, Duration timeMax) {
    public ImageUrls {
      hosts = List.copyOf(hosts);
    }
  }

  public OpenAiSettings {
    servedModelNames = List.copyOf(servedModelNames);
  }
}
