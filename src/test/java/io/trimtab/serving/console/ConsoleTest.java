package io.trimtab.serving.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.GetByRoleOptions;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.adaptation.job.JobState;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adaptation.job.TuningJob.Progress;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.Served;
import io.trimtab.model.Checkpoint;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.testing.FakeEngine;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.Shared;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The console as a person has it: in a browser, on the running server. */
@Tag("browser")
@EnabledIf(
    value = "io.trimtab.serving.console.Browser#isThere",
    disabledReason = "There is no Chromium here: apt-get install chromium")
@QuarkusTest
@TestProfile(ConsoleProfile.class)
@Timeout(300)
class ConsoleTest {
  @Inject FakeEngine engine;
  @Inject TuningJobs jobs;
  @Inject DriftWatch watch;
  @Inject Quantities quantities;
  @Inject ConsoleHistory history;

  @TestHTTPResource("/")
  URI server;

  @TempDir Path folder;

  private final String tenant = "t-" + UUID.randomUUID().toString().substring(0, 8);
  private Browser browser;
  private Page page;

  @BeforeEach
  void open() {
    Parrot.teach(engine);
    browser = Browser.start(server);
    page = browser.page(1280, 900, ColorScheme.LIGHT);
    page.addInitScript("sessionStorage.setItem('trimtab.tenant', '%s')".formatted(tenant));
  }

  @AfterEach
  void close() throws InterruptedException {
    browser.close();
    while (!engine.requests().isEmpty()) {
      var _ = engine.next();
    }
    while (!engine.scorings().isEmpty()) {
      var _ = engine.nextScored();
    }
  }

  @Test
  void anAdapterIsUploadedServedAskedCorrectedTunedWatchedAndRolledBack() throws Exception {
    visit("adapters");
    assertThat(page.getByText("No adapters yet")).isVisible();
    upload("birds");
    assertThat(row("Revision 1")).containsText("staged");

    row("Revision 1").getByRole(AriaRole.BUTTON, name("Activate revision 1")).click();
    confirm("Activate");
    assertThat(row("Revision 1")).containsText("active");

    ask("What is on the branch?");
    correct("A small brown wren.");
    visit("adapters/birds");
    assertThat(page.getByText("1 kept, 1 new")).isVisible();

    button("Tune now").click();
    confirm("Start the job");
    assertThat(page.getByRole(AriaRole.HEADING, heading("Job of birds"))).isVisible();
    watchTheJob();

    drift();

    visit("adapters/birds");
    button("Roll back").click();
    confirm("Roll back");
    assertThat(page.getByRole(AriaRole.MAIN)).containsText("Served bybase");
    assertThat(row("Revision 1")).containsText("retired");

    assertThat(browser.complaints()).isEmpty();
  }

  private void upload(String adapter) throws Exception {
    try (Checkpoint base = Checkpoint.open(Shared.path("models/dinghy-llava"))) {
      PeftFolder peft = PeftFolder.random(base.config(), folder, 7, 8, Set.of("q_proj"), 0.1f);
      button("Upload an adapter").click();
      page.getByLabel("Adapter", new Page.GetByLabelOptions().setExact(true)).fill(adapter);
      page.getByLabel(Pattern.compile("adapter_config"))
          .setInputFiles(new Path[] {peft.config(), peft.weights()});
      confirm("Upload");
    }
  }

  private void ask(String question) {
    visit("playground/birds");
    page.locator("#picture")
        .setInputFiles(new FilePayload("bird.png", "image/png", DrawnPictures.png(5).encoded()));
    assertThat(page.getByAltText("The picture bird.png")).isVisible();
    page.getByLabel("Question").fill(question);
    button("Ask both").click();
    Locator answers = page.locator(".answer-panel");
    assertThat(answers.nth(0).locator(".answer")).hasText("A small brown bird on a branch.");
    assertThat(answers.nth(1).locator(".answer")).hasText("A small brown wren on a branch.");
    assertThat(answers.nth(1)).containsText("birds revision 1");
    // At the name alone they lie apart.
    assertThat(answers.nth(1).locator(".token.heat-5")).hasText(" wren");
    assertThat(answers.nth(1).locator(".token.heat-0")).hasCount(7);
    answers.nth(1).locator(".token.heat-5").focus();
    assertThat(answers.nth(1).locator(".token-detail")).containsText("88.0 %");
    assertThat(answers.nth(1).locator(".token-detail")).containsText("nats apart");
  }

  private void correct(String correction) {
    page.getByLabel("What it should have said").fill(correction);
    button("Send the correction").click();
    assertThat(page.getByText("Kept on the topic as")).isVisible();
  }

  private void watchTheJob() {
    TuningJob job = jobs.list(tenant).getFirst();
    jobs.change(job.id(), draft -> draft.state(JobState.TRAINING).device("cpu"));
    for (int step = 1; step <= 5; step++) {
      jobs.progressed(job.id(), new Progress(step, 10, 2.0 / step, step < 3 ? 0 : 1.5, 0, 900));
      history.sampleJobs();
    }
    assertThat(page.getByText("5 of 10").first()).isVisible();
    assertThat(page.locator(".legend")).containsText("training0.400");
    assertThat(page.locator(".legend")).containsText("validation1.500");
    GateReport report =
        new GateReport(
            Verdict.REFUSED,
            List.of(
                new GateReport.Check("learning", 0.31, 0.05, Verdict.PASSED, "31 % more right"),
                new GateReport.Check(
                    "forgetting", 0.2, 0.08, Verdict.REFUSED, "too much of counting is lost")));
    jobs.change(job.id(), draft -> draft.state(JobState.REJECTED).gate(report));
    assertThat(page.getByText("The gate refused it.")).isVisible();
    assertThat(page.getByText("too much of counting is lost")).isVisible();
  }

  private void drift() {
    DriftFeed feed = new DriftFeed(watch, quantities);
    Served birds = new Served(new AdapterId(tenant, "birds"), 1, 1);
    feed.answered(birds, 1, 0.01);
    history.sampleDrift();
    visit("drift/birds");
    assertThat(page.getByText("number token bias", new Page.GetByTextOptions().setExact(true)))
        .isVisible();
    feed.answered(birds, 40, 0.3);
    history.sampleDrift();
    Locator damped =
        page.getByRole(AriaRole.ROW).filter(new Locator.FilterOptions().setHasText("damp"));
    assertThat(damped.first()).containsText("drift");
    assertThat(damped.first()).containsText("numbers_bias");
    assertThat(page.getByText("1 at 0.70")).isVisible();
  }

  @Test
  void whatTheServerRefusesIsSaidInItsWordsAndTheDialogStays() throws Exception {
    visit("adapters");
    upload("birds");
    button("Tune now").click();
    confirm("Start the job");
    assertThat(page.getByRole(AriaRole.DIALOG).getByRole(AriaRole.ALERT))
        .hasText("There is no correction to train on for the adapter 'birds'");
    page.keyboard().press("Escape");
    assertThat(page.getByRole(AriaRole.DIALOG)).hasCount(0);
  }

  @Test
  void aServerWithKeysIsAnsweredWithOne() {
    page.route(
        "**/console/api/session",
        route -> {
          if ("Bearer sesame-sesame-sesame".equals(route.request().headerValue("authorization"))) {
            route.resume();
          } else {
            route.fulfill(
                new Route.FulfillOptions()
                    .setStatus(401)
                    .setContentType("application/json")
                    .setBody("{\"error\":{\"message\":\"No API key, expected one\"}}"));
          }
        });
    visit("overview");
    assertThat(page.getByRole(AriaRole.DIALOG)).containsText("No API key, expected one");
    page.getByLabel("API key").fill("sesame-sesame-sesame");
    confirm("Go on");
    assertThat(page.getByText("live", new Page.GetByTextOptions().setExact(true))).isVisible();
  }

  @Test
  void aServerThatIsAwayIsSaidAndFoundAgain() {
    page.route("**/console/api/**", Route::abort);
    visit("overview");
    assertThat(page.getByText("server away")).isVisible();
    assertThat(page.locator("#trouble")).containsText("The server can't be reached");
    page.unroute("**/console/api/**");
    assertThat(page.getByText("live", new Page.GetByTextOptions().setExact(true))).isVisible();
    assertThat(page.locator("#trouble")).isEmpty();
  }

  @Test
  void everyPageIsReachedByKeyboardAndSaysWhatItIs() {
    visit("overview");
    page.keyboard().press("Tab");
    assertThat(page.getByText("Skip to the page")).isFocused();
    for (String title : List.of("Adapters", "Tuning", "Drift", "Playground", "Overview")) {
      page.getByRole(AriaRole.NAVIGATION, new GetByRoleOptions().setName("Pages"))
          .getByRole(AriaRole.LINK, new Locator.GetByRoleOptions().setName(title))
          .focus();
      page.keyboard().press("Enter");
      assertThat(page).hasTitle(title + " · Trimtab");
      assertThat(page.getByRole(AriaRole.HEADING, heading(title).setLevel(1))).hasCount(1);
    }
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void nothingIsWiderThanAPhone() {
    page = browser.page(390, 844, ColorScheme.DARK);
    for (String each : List.of("overview", "adapters", "tuning", "drift", "playground")) {
      visit(each);
      assertThat(page.getByText("live", new Page.GetByTextOptions().setExact(true))).isVisible();
      assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
          .as(each)
          .isLessThanOrEqualTo(390);
    }
    assertThat(browser.complaints()).isEmpty();
  }

  private void visit(String where) {
    page.navigate(server.resolve("/#/" + where).toString());
  }

  private void confirm(String action) {
    page.getByRole(AriaRole.DIALOG).getByRole(AriaRole.BUTTON, name(action)).click();
  }

  private Locator button(String name) {
    return page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName(name).setExact(true));
  }

  private Locator row(String text) {
    return page.getByRole(AriaRole.ROW).filter(new Locator.FilterOptions().setHasText(text));
  }

  private static Locator.GetByRoleOptions name(String name) {
    return new Locator.GetByRoleOptions().setName(name).setExact(true);
  }

  private static GetByRoleOptions heading(String name) {
    return new GetByRoleOptions().setName(name).setExact(true);
  }
}
