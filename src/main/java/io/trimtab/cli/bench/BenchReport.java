package io.trimtab.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a benchmark found.
 *
 * @param languageModelBytes weights that a decode step reads
 * @param weightBytes all weights, vision included
 * @param residentBytes of this process at the end, everything included
 * @param bandwidthBytesPerSecond of memory, read by all cores at once, measured after
 */
record BenchReport(
    String model,
    String precision,
    String device,
    int cores,
    long languageModelBytes,
    long weightBytes,
    long residentBytes,
    double bandwidthBytesPerSecond,
    List<DecodeBench.Row> rows) {
  BenchReport {
    rows = List.copyOf(rows);
  }

  List<String> table() {
    List<String> lines = new ArrayList<>();
    lines.add("%s, %s on %s, %d cores".formatted(model, precision, device, cores));
    lines.add(
        String.format(
            Locale.ROOT,
            "weights %.1f MB (language model %.1f MB), resident %.1f MB; memory reads %.1f GB/s",
            weightBytes / 1e6,
            languageModelBytes / 1e6,
            residentBytes / 1e6,
            bandwidthBytesPerSecond / 1e9));
    lines.add("");
    lines.add("batch  answer   decode   step   outside   prefill   share of");
    lines.add("                tok/s     µs        µs     tok/s  bandwidth");
    for (DecodeBench.Row row : rows) {
      double share = languageModelBytes / (row.stepMicros() / 1e6) / bandwidthBytesPerSecond;
      lines.add(
          String.format(
              Locale.ROOT,
              "%5d  %-6s %8.0f %6.0f %9.1f %9.0f %9.0f%%",
              row.batch(),
              row.answer(),
              row.decodeTokensPerSecond(),
              row.stepMicros(),
              row.outsideMicros(),
              row.prefillTokensPerSecond(),
              100 * share));
    }
    return lines;
  }
}
