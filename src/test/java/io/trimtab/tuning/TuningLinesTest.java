package io.trimtab.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.TuningEvent.Failed;
import io.trimtab.tuning.TuningEvent.Finished;
import io.trimtab.tuning.TuningEvent.Held;
import io.trimtab.tuning.TuningEvent.Ready;
import io.trimtab.tuning.TuningEvent.Stepped;
import io.trimtab.tuning.TuningEvent.Validated;
import io.trimtab.tuning.TuningEvent.Working;
import io.trimtab.tuning.job.TuningListener.Outcome;
import io.trimtab.tuning.job.TuningListener.Step;
import io.trimtab.tuning.job.TuningListener.Validation;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TuningLinesTest {
  static List<TuningEvent> events() {
    return List.of(
        new Ready(7),
        new Working(0),
        new Held(4),
        new Stepped(new Step(3, 100, 0.1 + 0.2, 1234.5)),
        new Validated(new Validation(3, Double.POSITIVE_INFINITY, 0.5)),
        new Finished(new Outcome(9, 6, Double.NaN, 1L << 40, 3.5, 0)),
        new Failed(ErrorCode.RESOURCE_EXHAUSTED, "\"quoted\"\nand on a line of its own \u00e9"));
  }

  @ParameterizedTest
  @MethodSource("events")
  void anEventIsOneLineAndReadAsItWasWritten(TuningEvent event) {
    String line = TuningLines.write(event);

    assertThat(line).doesNotContain("\n");
    assertThat(TuningLines.event(line)).contains(event);
  }

  @ParameterizedTest
  @EnumSource
  void aCommandIsReadAsItWasWritten(TuningCommand command) {
    assertThat(TuningLines.command(TuningLines.write(command))).contains(command);
  }

  @Test
  void linesAreThoseThatAreDocumented() {
    assertThat(TuningLines.write(TuningCommand.PAUSE)).isEqualTo("{\"command\":\"pause\"}");
    assertThat(TuningLines.write(events().get(3)))
        .startsWith("{\"event\":\"step\",\"step\":3,\"steps\":100,\"train_loss\":");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Loading libtorch",
        "{",
        "{}",
        "[1]",
        "{\"event\":\"dance\"}",
        "{\"event\":\"ready\"}",
        "{\"event\":\"ready\",\"step\":\"seven\"}",
        "{\"event\":\"ready\",\"step\":7,\"more\":1}",
        "{\"event\":{},\"step\":7}"
      })
  void whatIsNoEventIsNoneAndNoCommandEither(String line) {
    assertThat(TuningLines.event(line)).isEmpty();
    assertThat(TuningLines.command(line)).isEmpty();
  }

  @Test
  void aLineWithoutEndIsCut() {
    byte[] stream = ("x".repeat(1 << 20) + "\nshort\nlast").getBytes(StandardCharsets.UTF_8);
    List<String> lines = new ArrayList<>();

    LineReader.readAll(new ByteArrayInputStream(stream), lines::add);

    assertThat(lines).containsExactly("x".repeat(LineReader.LINE_BYTES_MAX), "short", "last");
  }

  static List<Throwable> lacksOfMemory() {
    return List.of(
        new OutOfMemoryError("Java heap space"),
        new IllegalStateException(
            "wrapped", new RuntimeException("CUDA out of memory. Tried to allocate")),
        new RuntimeException("DefaultCPUAllocator: can't allocate memory: you tried to allocate"),
        new RuntimeException("DefaultCPUAllocator: not enough memory: you tried to allocate"),
        new RuntimeException("There is insufficient memory for the Java Runtime Environment"),
        new RuntimeException("std::bad_alloc"));
  }

  @ParameterizedTest
  @MethodSource("lacksOfMemory")
  void aLackOfMemoryIsToldWithWhatHelps(Throwable lack) {
    Failed failed = Failures.of(lack);
    assertThat(failed.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(failed.message()).contains("out of memory", "trimtab.tuning.micro-batch-size");
  }

  @Test
  void whatWentWrongHasACode() {
    assertThat(Failures.of(new RuntimeException("CUDA error: unspecified launch failure")).code())
        .isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(Failures.of(new IllegalStateException("a bug")).code())
        .isEqualTo(ErrorCode.INTERNAL);
    Failed refused =
        Failures.of(new RuntimeException(TrimtabException.invalid("x".repeat(10_000))));
    assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(TuningLines.write(refused)).hasSizeLessThan(4096);
  }
}
