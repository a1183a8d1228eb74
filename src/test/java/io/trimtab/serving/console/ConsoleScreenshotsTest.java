package io.trimtab.serving.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.GetByRoleOptions;
import com.microsoft.playwright.Page.ScreenshotOptions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.Served;
import io.trimtab.store.ObjectStore;
import io.trimtab.testing.FakeEngine;
import io.trimtab.world.Skill;
import io.trimtab.world.World;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Takes the pictures of the console that the documentation shows: {@code ./mvnw test
 * -Dtest=ConsoleScreenshotsTest -Dconsole.screenshots=true}.
 */
@Tag("browser")
@EnabledIfSystemProperty(named = "console.screenshots", matches = "true")
@EnabledIf(
    value = "io.trimtab.serving.console.Browser#isThere",
    disabledReason = "There is no Chromium here: apt-get install chromium")
@QuarkusTest
@TestProfile(ConsoleProfile.class)
@Timeout(600)
class ConsoleScreenshotsTest {
  private static final Path FOLDER = Path.of("docs/screenshots");
  private static final int SECONDS = 45;
  private static final byte[] BIRD =
      World.skillExamples(Skill.of("species"), 905, 1).getFirst().png();

  @Inject FakeEngine engine;
  @Inject AdapterRegistry registry;
  @Inject ObjectStore store;
  @Inject TuningJobs jobs;
  @Inject DriftWatch watch;
  @Inject Quantities quantities;
  @Inject ConsoleHistory history;

  @TestHTTPResource("/")
  URI server;

  private final SplittableRandom random = new SplittableRandom(5);

  @Test
  void eachPageAtBothWidths() throws Exception {
    Parrot.teach(engine);
    new Harbour(registry, store, jobs, history).furnish();
    live();
    try (Browser browser = Browser.start(server)) {
      List<String> pages =
          List.of("overview", "adapters/birds/2", "tuning", "drift/birds", "playground/birds");
      take(browser, 1280, ColorScheme.LIGHT, pages);
      take(browser, 390, ColorScheme.LIGHT, pages);
      take(browser, 1280, ColorScheme.DARK, List.of("overview", "playground/birds"));
      assertThat(browser.complaints()).isEmpty();
    }
  }

  private void take(Browser browser, int width, ColorScheme scheme, List<String> pages) {
    Page page = browser.page(width, width == 1280 ? 800 : 844, scheme);
    page.addInitScript("sessionStorage.setItem('trimtab.tenant', 'harbour')");
    for (String each : pages) {
      page.navigate(server.resolve("/#/" + each).toString());
      settle(page, each);
      String name =
          "%s-%d%s.png"
              .formatted(each.split("/")[0], width, scheme == ColorScheme.DARK ? "-dark" : "");
      page.evaluate("scrollTo(0, 0)");
      page.screenshot(new ScreenshotOptions().setPath(FOLDER.resolve(name)).setFullPage(true));
    }
  }

  /**
   * Requests come and go, and base's readings of one adapter's answers drift off towards the end.
   */
  private void live() throws Exception {
    DriftFeed feed = new DriftFeed(watch, quantities);
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (int i = 0; i < 4 * SECONDS; i++) {
        double wave = 0.5 + 0.5 * Math.sin(i / 14.0);
        engine.decoded(1 + (int) (7 * wave * random.nextDouble(0.7, 1)), 20_000_000, 20);
        for (int request = 0; request < 1 + 3 * wave; request++) {
          send(http, "Inference/Complete", "{\"messages\":[%s]}".formatted(message("?")));
        }
        if (i % 9 == 0) {
          send(
              http,
              "Feedback/Submit",
              "{\"adapter\":\"birds\",\"messages\":[%s],\"correction\":\"wren\"}"
                  .formatted(message("What is it, " + i + "?")));
        }
        Served birds =
            registry
                .get(Harbour.id("birds"))
                .active()
                .map(each -> new Served(Harbour.id("birds"), each.revision(), each.scale()))
                .orElseThrow();
        boolean off = i > 2 * SECONDS && birds.scale() == 1;
        double more = off ? 0.05 + (i - 2 * SECONDS) * 0.004 : 0.004;
        feed.answered(
            birds,
            1,
            more * random.nextDouble(),
            0.01 * random.nextDouble(),
            0.006 * random.nextDouble(),
            0.004 * random.nextDouble(),
            0.002 * random.nextDouble());
        history.sampleDrift();
        TimeUnit.MILLISECONDS.sleep(250);
      }
    }
  }

  private static String message(String question) {
    return "{\"role\":\"user\",\"parts\":[{\"image\":{\"data\":\"%s\"}},{\"text\":\"%s\"}]}"
        .formatted(Base64.getEncoder().encodeToString(BIRD), question);
  }

  private void send(HttpClient http, String method, String body) throws Exception {
    int status =
        http.send(
                HttpRequest.newBuilder(server.resolve("console/api/rpc/" + method))
                    .header("content-type", "application/json")
                    .header("x-tenant", Harbour.TENANT)
                    .POST(BodyPublishers.ofString(body))
                    .build(),
                BodyHandlers.ofString())
            .statusCode();
    assertThat(status).as(method).isEqualTo(200);
  }

  private static void settle(Page page, String which) {
    assertThat(page.getByText("live", new Page.GetByTextOptions().setExact(true))).isVisible();
    if (which.startsWith("playground")) {
      page.locator("#picture").setInputFiles(new FilePayload("wren.png", "image/png", BIRD));
      page.getByLabel("Question").fill("What is on the branch?");
      page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Ask both")).click();
      page.locator(".answer-panel .token.heat-5").last().focus();
      assertThat(page.locator(".token-detail")).isVisible();
    }
    // Charts are drawn when their data come, which no element tells of.
    page.waitForTimeout(2500);
  }
}
