package io.trimtab.serving.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.adaptation.governor.ProbeFailure;
import io.trimtab.adaptation.governor.ProbeOutcomes;
import io.trimtab.adaptation.governor.ProbeRun;
import io.trimtab.adapter.AdapterId;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.Reference;
import io.trimtab.drift.Served;
import io.trimtab.drift.ShadowStatistics;
import io.trimtab.drift.WatchReport;
import io.trimtab.drift.WatchedClasses;
import io.trimtab.serving.FakeEngineProfile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The dashboard and the alerts ask for metrics, labels and values that the server tells. */
@QuarkusTest
@TestProfile(FakeEngineProfile.class)
final class MonitoringFilesTest {
  private static final Path DASHBOARD = Path.of("monitoring/grafana/trimtab.json");
  private static final Path ALERTS = Path.of("monitoring/prometheus/trimtab.rules.yaml");

  private static final Pattern SELECTOR =
      Pattern.compile("\\b((?:vllm:|trimtab_)[a-z0-9_:]+)(?:\\{([^}]*)})?");
  private static final Pattern MATCHER = Pattern.compile("([a-z_]+)(=~|!~|!=|=)\"([^\"]*)\"");
  private static final Pattern GROUPING = Pattern.compile("by \\(([^)]*)\\)");
  private static final Pattern SUFFIX = Pattern.compile("_(bucket|sum|count)$");

  /** What Prometheus adds by itself. */
  private static final Set<String> ADDED = Set.of("instance", "job");

  @ConfigProperty(name = "quarkus.http.test-port")
  int httpPort;

  private String scraped = "";
  private Scrape scrape = new Scrape("");

  @BeforeEach
  void scrape() throws Exception {
    URI uri = URI.create("http://localhost:%d/metrics".formatted(httpPort));
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(uri).header("Accept", "text/plain").build();
      scraped = http.send(request, BodyHandlers.ofString()).body();
    }
    // Told only once there is something to tell; a scrape has each name once.
    String more = Scrape.of(drift(), new FeedbackMetrics(() -> OptionalLong.of(1))).text();
    Set<String> known = new Scrape(scraped).types().keySet();
    StringBuilder text = new StringBuilder(scraped);
    more.lines()
        .filter(line -> known.stream().noneMatch(name -> line.startsWith("# TYPE " + name + " ")))
        .forEach(line -> text.append(line).append('\n'));
    scrape = new Scrape(text.toString());
  }

  @Test
  void theDashboardAsksForWhatTheServerTells() throws Exception {
    JsonNode dashboard = new ObjectMapper().readTree(DASHBOARD.toFile());
    List<String> asked = new ArrayList<>();
    dashboard
        .path("panels")
        .forEach(
            panel ->
                panel.path("targets").forEach(target -> asked.add(target.path("expr").asText())));
    assertThat(asked).hasSizeGreaterThan(30);
    dashboard
        .path("annotations")
        .path("list")
        .forEach(annotation -> asked.add(annotation.path("expr").asText()));
    dashboard
        .path("templating")
        .path("list")
        .forEach(variable -> asked.add(variable.path("definition").asText()));
    asked.forEach(this::requireTold);
  }

  @Test
  void panelsDoNotLieOnEachOtherAndSayWhatTheyShow() throws IOException {
    JsonNode dashboard = new ObjectMapper().readTree(DASHBOARD.toFile());
    Set<String> taken = new HashSet<>();
    Set<Integer> ids = new HashSet<>();
    for (JsonNode panel : dashboard.path("panels")) {
      JsonNode place = panel.path("gridPos");
      assertThat(ids.add(panel.path("id").asInt())).isTrue();
      assertThat(place.path("x").asInt() + place.path("w").asInt()).isBetween(1, 24);
      for (int x = 0; x < place.path("w").asInt(); x++) {
        for (int y = 0; y < place.path("h").asInt(); y++) {
          assertThat(taken.add((place.path("x").asInt() + x) + "," + (place.path("y").asInt() + y)))
              .as(panel.path("title").asText())
              .isTrue();
        }
      }
      if (!panel.path("type").asText().equals("row")) {
        assertThat(panel.path("description").asText())
            .as(panel.path("title").asText())
            .isNotEmpty();
      }
    }
  }

  @Test
  void theAlertsAskForWhatTheServerTells() throws Exception {
    JsonNode rules =
        new ObjectMapper(new YAMLFactory())
            .readTree(ALERTS.toFile())
            .path("groups")
            .path(0)
            .path("rules");
    assertThat(rules.size()).isGreaterThanOrEqualTo(10);
    Set<String> names = new HashSet<>();
    for (JsonNode rule : rules) {
      String name = rule.path("alert").asText();
      assertThat(names.add(name)).as(name).isTrue();
      requireTold(rule.path("expr").asText());
      assertThat(rule.path("labels").path("severity").asText())
          .as(name)
          .isIn("critical", "warning", "info");
      assertThat(rule.path("annotations").path("summary").asText()).as(name).isNotEmpty();
      assertThat(rule.path("annotations").path("description").asText()).as(name).isNotEmpty();
    }
  }

  @Test
  void aNameThatIsNotToldWouldBeFound() {
    List<String> wrong =
        List.of(
            "sum(trimtab_nothing)",
            "sum(trimtab_drift_revisions{levels=\"drift\"})",
            "sum(trimtab_drift_revisions{level=\"drifting\"})",
            "sum by (tenant) (trimtab_adapters)");
    for (String expression : wrong) {
      boolean isFound = false;
      try {
        requireTold(expression);
      } catch (AssertionError _) {
        isFound = true;
      }
      assertThat(isFound).as(expression).isTrue();
    }
  }

  private void requireTold(String expression) {
    List<MatchResult> selectors = SELECTOR.matcher(expression).results().toList();
    if (!expression.equals("prometheus") && !expression.isEmpty()) {
      assertThat(selectors).as(expression).isNotEmpty();
    }
    Set<String> labels = new HashSet<>(ADDED);
    for (MatchResult selector : selectors) {
      String family = SUFFIX.matcher(selector.group(1)).replaceFirst("");
      String name = scrape.types().containsKey(family) ? family : selector.group(1);
      assertThat(scrape.types()).as(expression).containsKey(name);
      Map<String, Set<String>> told = labels(selector.group(1));
      labels.addAll(told.keySet());
      if (selector.group(2) != null) {
        MATCHER
            .matcher(selector.group(2))
            .results()
            .forEach(matcher -> requireLabel(expression, told, matcher));
      }
    }
    Matcher grouping = GROUPING.matcher(expression);
    while (grouping.find()) {
      assertThat(labels).as(expression).containsAll(List.of(grouping.group(1).split(", *")));
    }
  }

  private static void requireLabel(
      String expression, Map<String, Set<String>> told, MatchResult matcher) {
    if (ADDED.contains(matcher.group(1))) {
      return;
    }
    assertThat(told).as(expression).containsKey(matcher.group(1));
    if (!matcher.group(3).startsWith("$")) {
      assertThat(told.get(matcher.group(1)))
          .as(expression)
          .containsAll(Arrays.asList(matcher.group(3).split("\\|")));
    }
  }

  /** The labels of a series' name and the values that each has. */
  private Map<String, Set<String>> labels(String series) {
    Map<String, Set<String>> labels = new HashMap<>();
    scrape
        .text()
        .lines()
        .filter(line -> line.startsWith(series + "{"))
        .flatMap(line -> MATCHER.matcher(line).results())
        .forEach(
            match ->
                labels.computeIfAbsent(match.group(1), _ -> new HashSet<>()).add(match.group(3)));
    return labels;
  }

  private static final class NoProbes implements ProbeOutcomes {
    @Override
    public Optional<ProbeRun> last(Served served) {
      return Optional.empty();
    }

    @Override
    public Optional<ProbeFailure> failure(Served served) {
      return Optional.empty();
    }
  }

  private static DriftMetrics drift() {
    Quantities quantities = new Quantities(WatchedClasses.builtIn());
    Served served = new Served(new AdapterId("acme", "birds"), 1, 1);
    WatchReport report =
        new WatchReport(
            served, DriftLevel.STABLE, Reference.Origin.ENVELOPE, 1, 1, 3, 0, List.of());
    return new DriftMetrics(
        () -> List.of(report),
        () -> Map.of(served, "active"),
        () -> new ShadowStatistics(1, 1, 1, 0, 0),
        new NoProbes(),
        0.1,
        quantities,
        10);
  }
}
