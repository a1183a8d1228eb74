package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.trimtab.adaptation.UploadLimits;
import io.trimtab.adapter.AdapterLimits;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigCheckTest {
  @Test
  void theDefaultsPass() {
    TrimtabConfig config = config(Map.of());
    assertThat(ConfigCheck.problems(config)).isEmpty();
    assertThat(config.model()).isEqualTo("dinghy-llava");
    assertThat(config.engine().maxBatch()).isEqualTo(8);
    assertThat(config.engine().maxModelLen()).isEmpty();
    assertThat(config.pictures().bytesMax()).isEqualTo(20 << 20);
  }

  @Test
  void theDefaultsOfAdaptersAreThoseOfTheirLimits() {
    TrimtabConfig config = config(Map.of());
    AdapterWiring adapters = new AdapterWiring();
    assertThat(adapters.limits(config)).isEqualTo(AdapterLimits.defaults());
    assertThat(adapters.uploadLimits(config)).isEqualTo(UploadLimits.defaults());
  }

  @ParameterizedTest
  @CsvSource({
    "model, ' '",
    "precision, fp99",
    "device, gpu",
    "device, cuda:",
    "onnxruntime.library, no/such/file.so",
    "threads, 0",
    "default-max-tokens, 0",
    "engine.max-batch, 0",
    "engine.max-batch, 257",
    "engine.max-model-len, 1",
    "engine.queue-size, 0",
    "engine.queue-bytes-max, -1",
    "engine.prefill-chunk, 0",
    "rotary-frequencies, float16",
    "engine.picture-cache-bytes, -1",
    "engine.image-cache-bytes, -1",
    "engine.per-tenant.max-running, 0",
    "engine.per-tenant.max-queued, 0",
    "pictures.bytes-max, 0",
    "pictures.pixels-max, 0",
    "pictures.pixels-max, 715827875",
    "pictures.pixels-max, 1073741824",
    "adapters.max-lora-rank, 0",
    "adapters.max-lora-rank, 1025",
    "adapters.config-bytes-max, 1",
    "adapters.weights-bytes-max, 7",
    "adapters.per-tenant-max, 0",
    "adapters.revisions-max, 0",
    "adapters.uploads-max, 0",
    "adapters.upload-stall-seconds, 0",
    "files.bytes-max, 67108865",
    "files.bytes-max, 1073741824",
    "metrics.adapters-max, -1",
    "metrics.adapters-max, 10001",
    "tracing.endpoint, ftp://collector:21",
    "tracing.endpoint, collector:4317",
    "tracing.protocol, http/json",
    "tracing.share, 1.5",
  })
  void eachValueOutOfRangeIsNamedWithWhatWasExpectedAndWhatCame(String setting, String value) {
    assertThat(ConfigCheck.problems(config(Map.of("trimtab." + setting, value))))
        .singleElement()
        .asString()
        .startsWith("trimtab." + setting + ": expected ")
        .endsWith(value.isBlank() ? "got nothing" : "got " + value);
  }

  @Test
  void aFileMayBeAsLargeAsARequest() {
    TrimtabConfig config = config(Map.of("trimtab.files.bytes-max", "67108864"));
    assertThat(ConfigCheck.problems(config)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "role, eat",
    "kafka.bootstrap-servers, nonsense",
    "kafka.port, 70000",
    "kafka.topic-prefix, 'a b'",
    "kafka.partitions, 0",
    "kafka.replication, 0",
    "kafka.record-bytes-max, 1000",
    "kafka.in-flight-bytes-max, 999999",
    "kafka.append-seconds, 0",
    "kafka.client.acks, 0",
    "'kafka.client.\"request.timeout.ms\"', 30000",
    "'kafka.client.\"request.timeout.ms\"', soon",
    "'kafka.client.\"linger.ms\"', 2501",
    "feedback.correction-characters-max, 0",
    "feedback.retain-seconds, 0",
    "tuning.recipe, llm",
    "tuning.recipe, everything",
    "tuning.device, gpu",
    "tuning.threads, -1",
    "tuning.r, 0",
    "tuning.lora-alpha, 0",
    "tuning.learning-rate, 0",
    "tuning.max-steps, 0",
    "tuning.rehearsal-share, 1",
    "tuning.examples, 0",
    "tuning.latency-allowance, 0.5",
    "gate.confidence, 1",
    "gate.drop-max, 2",
    "gate.scales, '0.5,1'",
    "drift.share, 1.1",
    "drift.tokens-max, 0",
    "drift.average-run-length, 10",
    "drift.warm-up, 0",
    "drift.probe-seconds, -1",
    "drift.classes.numbers, 7",
    "governor.mode, sometimes",
    "governor.damp-to, 1",
    "governor.actions-max, 0",
    "governor.within-seconds, 0",
  })
  void whatFeedbackTuningAndGateAreToldIsCheckedAtTheStart(String setting, String value) {
    assertThat(ConfigCheck.problems(config(Map.of("trimtab." + setting, value))))
        .isNotEmpty()
        .allSatisfy(
            problem ->
                assertThat(problem)
                    .startsWith("trimtab." + setting.split("\\.")[0])
                    .containsIgnoringCase("expected"));
  }

  @ParameterizedTest
  @CsvSource({
    "feedback.retain-bytes-max, 0",
    "feedback.retain-bytes-max, 1152921504606846977",
    "feedback.retain-bytes-max, 9223372036854775807",
    "feedback.retain-seconds, 0",
    "feedback.retain-seconds, 2147483648",
    "feedback.retain-seconds, 9223372036854775807",
    "feedback.correction-characters-max, 0",
    "feedback.pictures-min, -1",
    "feedback.pictures-min, 17",
    "feedback.examples-per-adapter-max, 0",
    "kafka.in-flight-bytes-max, 999999",
    "kafka.in-flight-bytes-max, 1152921504606846977",
    "kafka.in-flight-bytes-max, 9223372036854775807",
    "tuning.recipe, everything",
    "tuning.recipe, llm",
    "tuning.r, 0",
    "tuning.r, 1025",
    "tuning.lora-alpha, 0",
    "tuning.learning-rate, 0",
    "tuning.weight-decay, -1",
    "tuning.max-grad-norm, 0",
    "tuning.max-steps, 0",
    "tuning.batch-size, 0",
    "tuning.micro-batch-size, 0",
    "tuning.warmup-ratio, 2",
    "tuning.eval-steps, 0",
    "tuning.early-stopping-patience, 0",
    "tuning.save-steps, 0",
    "tuning.rehearsal-share, 1",
    "tuning.rehearsal-weight, -1",
    "tuning.rehearsal-temperature, 0",
    "tuning.examples, 0",
    "tuning.examples-min, 0",
    "tuning.quiet-seconds, -1",
    "tuning.quiet-seconds, 9223372036854775807",
    "tuning.age-seconds-max, 0",
    "tuning.age-seconds-max, 9223372036854775807",
    "tuning.cool-down-seconds, -1",
    "tuning.cool-down-seconds, 9223372036854775807",
    "tuning.cool-down-seconds-max, 9223372036854775807",
    "gate.confidence, 1",
    "gate.validation-min, 0",
    "gate.probes-min, 0",
    "gate.gain-min, -1",
    "gate.accuracy-min, 2",
    "gate.drop-max, 2",
    "gate.task-drop-max, 2",
    "gate.task-probes-min, 0",
    "gate.disagreement-max, NaN",
    "gate.bias-max, 2",
    "gate.kl-advised, -1",
    "gate.scales, '0.5,1'",
    "drift.tokens-max, 0",
    "drift.probe-seconds, 2147483648",
    "governor.mode, sometimes",
    "governor.damp-to, 1",
  })
  void whatIsOutOfRangeIsNamedAsItIsSet(String setting, String value) {
    assertThat(ConfigCheck.problems(config(Map.of("trimtab." + setting, value))))
        .singleElement()
        .asString()
        .matches("trimtab\\.%s(:| is) .*".formatted(setting.replace(".", "\\.")))
        .containsIgnoringCase("expected");
  }

  @Test
  void theHighestThatIsAllowedPasses() {
    assertThat(
            ConfigCheck.problems(
                config(
                    Map.of(
                        "trimtab.feedback.retain-bytes-max", Long.toString(1L << 60),
                        "trimtab.feedback.retain-seconds", Integer.toString(Integer.MAX_VALUE),
                        "trimtab.kafka.in-flight-bytes-max", Long.toString(1L << 60),
                        "trimtab.tuning.quiet-seconds", "0",
                        "trimtab.tuning.age-seconds-max", Integer.toString(Integer.MAX_VALUE),
                        "trimtab.tuning.cool-down-seconds", Integer.toString(Integer.MAX_VALUE)))))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "16, 16, all, true",
    "15, 16, all, false",
    "15, 16, tune, false",
    "15, 16, serve, true"
  })
  void whatIsTunedHereIsOfARankThatIsReadHere(int most, int r, String role, boolean passes) {
    List<String> problems =
        ConfigCheck.problems(
            config(
                Map.of(
                    "trimtab.role", role,
                    "trimtab.adapters.max-lora-rank", Integer.toString(most),
                    "trimtab.tuning.r", Integer.toString(r))));
    if (passes) {
      assertThat(problems).isEmpty();
    } else {
      assertThat(problems)
          .containsExactly(
              "trimtab.tuning.r: expected at most trimtab.adapters.max-lora-rank, which is 15, got"
                  + " 16");
    }
  }

  @Test
  void cachesOfPicturesFitWhatTheJvmGivesOutOutsideItsHeap() {
    String images = "trimtab.engine.image-cache-bytes";
    String features = "trimtab.engine.vision-cache-bytes";
    long most = DirectMemory.cachesMax();
    String all = Long.toString(most);
    assertThat(ConfigCheck.problems(config(Map.of(images, all, features, "0")))).isEmpty();
    assertThat(ConfigCheck.problems(config(Map.of(images, "0", features, all)))).isEmpty();
    for (String more : new String[] {"1", all, Long.toString(Long.MAX_VALUE)}) {
      assertThat(ConfigCheck.problems(config(Map.of(images, all, features, more))))
          .singleElement()
          .asString()
          .startsWith(
              "%s: expected with %s (%s) at most %d, ".formatted(images, features, more, most))
          .endsWith("got " + all);
    }
  }

  @Test
  void whatKafkaWantsOfItsTimeoutsIsSaidInTermsOfSettings() {
    String timeout = "trimtab.kafka.client.\"request.timeout.ms\"";
    String linger = "trimtab.kafka.client.\"linger.ms\"";
    assertThat(ConfigCheck.problems(config(Map.of(timeout, "30000", linger, "10"))))
        .singleElement()
        .asString()
        .contains(
            "trimtab.kafka.append-seconds is '5.0'",
            "client.\"request.timeout.ms\" (30000)",
            "client.\"linger.ms\" (10)");
    assertThat(
            ConfigCheck.problems(
                config(
                    Map.of(timeout, "30000", linger, "10", "trimtab.kafka.append-seconds", "31"))))
        .isEmpty();
  }

  @Test
  void allProblemsAreSaidAtOnce() {
    TrimtabConfig config = config(Map.of("trimtab.precision", "x", "trimtab.device", "y"));
    assertThat(ConfigCheck.problems(config)).hasSize(2);
  }

  @Test
  void aMisspelledSettingIsRefused() {
    assertThatThrownBy(() -> config(Map.of("trimtab.engine.max-bach", "4")))
        .isInstanceOf(ConfigValidationException.class)
        .hasMessageContaining("trimtab.engine.max-bach");
  }

  @Test
  void variablesOfTheLauncherAreNoSettings() {
    TrimtabConfig config =
        mapped(
            new SmallRyeConfigBuilder()
                .withSources(
                    new EnvConfigSource(
                        Map.of(
                            "TRIMTAB_JAVA_OPTS", "-Xmx1g",
                            "TRIMTAB_STACKTRACE", "1",
                            "TRIMTAB_ENGINE_MAX_BATCH", "3"),
                        300)));
    assertThat(config.engine().maxBatch()).isEqualTo(3);
  }

  private static TrimtabConfig config(Map<String, String> properties) {
    return mapped(
        new SmallRyeConfigBuilder()
            .withSources(new PropertiesConfigSource(properties, "test", 400)));
  }

  private static TrimtabConfig mapped(SmallRyeConfigBuilder builder) {
    return builder.withMapping(TrimtabConfig.class).build().getConfigMapping(TrimtabConfig.class);
  }
}
