package io.trimtab.serving.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.GetByRoleOptions;
import com.microsoft.playwright.Page.ScreenshotOptions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
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
import io.trimtab.testing.Shared;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
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
 * -Dtest=ConsoleScreenshotsTest -Dtrimtab.screenshots=true}.
 */
@Tag("browser")
@EnabledIfSystemProperty(named = "trimtab.screenshots", matches = "true")
@EnabledIf(
    value = "io.trimtab.serving.console.Browser#isThere",
    disabledReason = "There is no Chromium here: apt-get install chromium")
@QuarkusTest
@TestProfile(ConsoleProfile.class)
@Timeout(600)
class ConsoleScreenshotsTest {
  private static final Path FOLDER = Path.of("docs/screenshots");
  private static final int SECONDS = 45;

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
      for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        for (int width : List.of(1280, 390)) {
          Page page = browser.page(width, width == 1280 ? 800 : 844, scheme);
          page.addInitScript("sessionStorage.setItem('trimtab.tenant', 'harbour')");
          for (String each :
              List.of(
                  "overview", "adapters/birds/3", "tuning", "drift/birds", "playground/birds")) {
            page.navigate(server.resolve("/#/" + each).toString());
            settle(page, each);
            String name =
                "%s-%d%s.png"
                    .formatted(
                        each.split("/")[0], width, scheme == ColorScheme.DARK ? "-dark" : "");
            page.screenshot(
                new ScreenshotOptions().setPath(FOLDER.resolve(name)).setFullPage(true));
          }
        }
      }
      assertThat(browser.complaints()).isEmpty();
    }
  }

  /**
   * Requests come and go, and base's readings of one adapter's answers drift off towards the end.
   */
  private void live() throws Exception {
    DriftFeed feed = new DriftFeed(watch, quantities);
    Served birds = new Served(Harbour.id("birds"), 3, 1);
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (int i = 0; i < 4 * SECONDS; i++) {
        double wave = 0.5 + 0.5 * Math.sin(i / 14.0);
        engine.decoded(1 + (int) (7 * wave * random.nextDouble(0.7, 1)), 20_000_000, 20);
        for (int request = 0; request < 1 + 3 * wave; request++) {
          var _ =
              http.send(
                  HttpRequest.newBuilder(server.resolve("console/api/rpc/Inference/Complete"))
                      .header("content-type", "application/json")
                      .header("x-tenant", Harbour.TENANT)
                      .POST(
                          BodyPublishers.ofString(
                              "{\"messages\":[{\"role\":\"user\",\"parts\":[{\"text\":\"?\"}]}]}"))
                      .build(),
                  BodyHandlers.ofString());
        }
        double more = i < 3 * SECONDS ? 0.004 : 0.02 + (i - 3 * SECONDS) * 0.004;
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

  private void settle(Page page, String which) throws Exception {
    assertThat(page.getByText("live", new Page.GetByTextOptions().setExact(true))).isVisible();
    if (which.startsWith("playground")) {
      page.locator("#picture")
          .setInputFiles(Shared.path("models/dinghy-llava").resolve("samples/03.png"));
      page.getByLabel("Question").fill("What is on the branch?");
      page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Ask both")).click();
      page.locator(".answer-panel .token.heat-5").last().focus();
      assertThat(page.locator(".token-detail")).isVisible();
    }
    // Charts are drawn when their data come, which no element tells of.
    page.waitForTimeout(2500);
  }
}
