package io.trimtab.serving.console;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Playwright.CreateOptions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The system's Chromium without a screen. Every page tells of its complaints, and may ask nothing
 * of anyone but the server under test.
 */
final class Browser implements AutoCloseable {
  /** A machine that builds has other things to do. */
  private static final double PATIENCE_MILLIS = 60_000;

  private final Playwright playwright;
  private final com.microsoft.playwright.Browser chromium;
  private final URI server;
  private final List<String> complaints = new ArrayList<>();

  private Browser(Path executable, URI server) {
    PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
    this.server = server;
    this.playwright =
        Playwright.create(
            new CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    this.chromium =
        playwright
            .chromium()
            .launch(
                new LaunchOptions()
                    .setExecutablePath(executable)
                    // Containers' users often may not make the sandbox's namespaces.
                    .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage")));
  }

  /** Where the system's Chromium or Chrome is. */
  static Optional<Path> executable() {
    return Stream.of(
            "/usr/bin/chromium",
            "/usr/bin/chromium-browser",
            "/usr/bin/google-chrome",
            "/usr/bin/google-chrome-stable")
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Asked by tests that are left out without one. */
  static boolean isThere() {
    return executable().isPresent();
  }

  static Browser start(URI server) {
    return new Browser(executable().orElseThrow(), server);
  }

  /** A page of its own session, this wide. */
  Page page(int width, int height, ColorScheme scheme) {
    BrowserContext context =
        chromium.newContext(
            new com.microsoft.playwright.Browser.NewContextOptions()
                .setViewportSize(width, height)
                .setColorScheme(scheme)
                .setLocale("en-GB")
                .setTimezoneId("UTC"));
    Page page = context.newPage();
    page.setDefaultTimeout(PATIENCE_MILLIS);
    page.onConsoleMessage(
        message -> {
          if (List.of("error", "warning").contains(message.type())) {
            complaints.add(message.type() + ": " + message.text());
          }
        });
    page.onPageError(error -> complaints.add("uncaught: " + error));
    page.onRequest(
        request -> {
          URI asked = URI.create(request.url());
          boolean own =
              List.of("blob", "data").contains(asked.getScheme())
                  || (server.getHost().equals(asked.getHost())
                      && server.getPort() == asked.getPort());
          if (!own) {
            complaints.add("asked " + request.url());
          }
        });
    return page;
  }

  /** What consoles said, and requests that would leave the machine. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  @Override
  public void close() {
    chromium.close();
    playwright.close();
  }
}
