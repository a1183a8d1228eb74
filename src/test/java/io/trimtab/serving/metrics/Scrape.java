package io.trimtab.serving.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Prometheus' text as a test reads it. */
public record Scrape(String text) {
  /** What a registry would answer. */
  static Scrape of(CollectorRegistry registry) {
    StringWriter text = new StringWriter();
    try {
      TextFormat.write004(text, registry.metricFamilySamples());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Scrape(text.toString());
  }

  /** What a registry of these alone would. */
  static Scrape of(MetricSource... sources) {
    CollectorRegistry registry = new CollectorRegistry();
    Collector collector = new ScrapedMetrics(List.of(sources));
    collector.register(registry);
    return of(registry);
  }

  /** Each metric's type by its name. */
  public Map<String, String> types() {
    return text.lines()
        .filter(line -> line.startsWith("# TYPE "))
        .map(line -> line.split(" "))
        .collect(Collectors.toMap(words -> words[2], words -> words[3]));
  }

  /** A series' value; its labels as the text has them. */
  public double value(String series) {
    List<String> found = text.lines().filter(line -> line.startsWith(series + " ")).toList();
    if (found.size() != 1) {
      throw new AssertionError("%d of the series %s in%n%s".formatted(found.size(), series, text));
    }
    return Double.parseDouble(found.getFirst().substring(series.length() + 1));
  }

  /** The values that a label has, anywhere. */
  public java.util.Set<String> labels(String label) {
    Matcher matcher = Pattern.compile("[{,]" + label + "=\"([^\"]*)\"").matcher(text);
    return matcher.results().map(each -> each.group(1)).collect(Collectors.toSet());
  }
}
