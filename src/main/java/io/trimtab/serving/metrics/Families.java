package io.trimtab.serving.metrics;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.Collector.Type;
import java.util.ArrayList;
import java.util.List;

/** Metrics as they are at one moment, in the making. One thread. */
final class Families {
  private final List<Rows> families = new ArrayList<>();

  /** Values of one metric by labels, in the making. */
  static final class Rows {
    private final String name;
    private final Type type;
    private final String help;
    private final List<String> labels;
    private final List<Sample> samples = new ArrayList<>();

    private Rows(String name, Type type, String help, List<String> labels) {
      this.name = name;
      this.type = type;
      this.help = help;
      this.labels = labels;
    }

    /** Adds one: a value for each label. */
    void add(double value, String... labelValues) {
      if (labelValues.length != labels.size()) {
        throw new IllegalArgumentException(
            "%d values for the labels %s of %s".formatted(labelValues.length, labels, name));
      }
      samples.add(new Sample(name, labels, List.of(labelValues), value));
    }
  }

  /** A value that rises and falls. */
  void gauge(String name, String help, double value) {
    gauge(name, help, List.of()).add(value);
  }

  /** One for each combination of labels. */
  Rows gauge(String name, String help, List<String> labels) {
    return rows(name, help, Type.GAUGE, labels);
  }

  /** A value that only rises; the name ends in {@code _total}. */
  void counter(String name, String help, double value) {
    counter(name, help, List.of()).add(value);
  }

  /** One for each combination of labels. */
  Rows counter(String name, String help, List<String> labels) {
    return rows(name, help, Type.COUNTER, labels);
  }

  private Rows rows(String name, String help, Type type, List<String> labels) {
    Rows rows = new Rows(name, type, help, labels);
    families.add(rows);
    return rows;
  }

  /** What was added; what has no value is left out. */
  List<MetricFamilySamples> list() {
    return families.stream()
        .filter(each -> !each.samples.isEmpty())
        .map(each -> new MetricFamilySamples(each.name, each.type, each.help, each.samples))
        .toList();
  }
}
