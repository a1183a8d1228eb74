package io.trimtab.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a load found, as a table and as JSON. */
record Report(Tally tally, Duration measured) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double[] SHARES = {0.5, 0.95, 0.99};

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("                                       first token, ms        whole, ms");
    lines.add(
        "kind                         calls/s   p50   p95   p99    p50   p95   p99  wrong  errors");
    for (Kind kind : Kind.values()) {
      Tally.Counts counts = tally.counts(kind);
      lines.add(
          String.format(
              Locale.ROOT,
              "%-27s %8.1f %s  %s %6d  %6d",
              kind.label(),
              perSecond(counts.right),
              quantiles(counts.first),
              quantiles(counts.whole),
              counts.wrong,
              counts.errors.values().stream().mapToLong(Long::longValue).sum()));
    }
    lines.add("");
    for (Kind kind : Kind.values()) {
      tally
          .counts(kind)
          .errors
          .forEach(
              (reason, times) ->
                  lines.add("%s: %s, %d times".formatted(kind.label(), reason, times)));
    }
    tally.wrong().forEach(what -> lines.add("wrong: " + what));
    if (tally.wereAdaptersTaken()) {
      lines.add(
          "What was asked for is served no more. If its governor acts, the server took the random"
              + " adapters away, as it should: see --help.");
    }
    lines.add(tally.isSound() ? "Every answer was right." : "NOT every answer was right.");
    return lines;
  }

  void write(Path file) throws IOException {
    ObjectNode json = JSON.createObjectNode().put("seconds", measured.toSeconds());
    for (Kind kind : Kind.values()) {
      Tally.Counts counts = tally.counts(kind);
      ObjectNode each = json.putObject(kind.name().toLowerCase(Locale.ROOT));
      each.put("right", counts.right).put("right_per_second", perSecond(counts.right));
      each.put("wrong", counts.wrong);
      ObjectNode first = each.putObject("first_token_ms");
      ObjectNode whole = each.putObject("whole_ms");
      for (double share : SHARES) {
        String name = "p" + Math.round(100 * share);
        first.put(name, counts.first.quantile(share));
        whole.put(name, counts.whole.quantile(share));
      }
      ObjectNode errors = each.putObject("errors");
      counts.errors.forEach(errors::put);
    }
    Files.writeString(file, json.toPrettyString() + "\n");
  }

  private double perSecond(long count) {
    return count / (double) measured.toSeconds();
  }

  private static String quantiles(Durations of) {
    StringBuilder line = new StringBuilder();
    for (double share : SHARES) {
      long millis = of.quantile(share);
      line.append(String.format(Locale.ROOT, " %5s", millis < 0 ? "-" : millis));
    }
    return line.toString();
  }
}
