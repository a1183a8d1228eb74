package io.trimtab.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cucumber.core.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The features of CloudEvents' protocol bindings, by Cucumber. */
class CloudEventsConformanceTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"kafka-binding.feature", "http-binding.feature"})
  void theFeaturePasses(String feature) throws IOException {
    Path report = folder.resolve("report.txt");
    byte status =
        Main.run(
            "--glue",
            "io.trimtab.events",
            "--monochrome",
            "--plugin",
            "pretty:" + report,
            "classpath:io/trimtab/events/" + feature);
    String told = Files.readString(report, UTF_8);
    assertThat(status).as(told).isZero();
    assertThat(told).contains("Scenario");
  }
}
