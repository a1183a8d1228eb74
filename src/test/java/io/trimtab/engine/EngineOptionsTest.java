package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adapter.AdapterLimits;
import io.trimtab.drift.WatchedClasses;
import io.trimtab.engine.execution.DeviceChoice;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.image.PictureLimits;
import io.trimtab.ort.Device;
import java.lang.reflect.RecordComponent;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator sets: bounds of the engine, and where it runs. */
class EngineOptionsTest {
  @ParameterizedTest
  @CsvSource({
    "0, trimtab.engine.max-batch is 0",
    "1, trimtab.engine.max-model-len is 1",
    "2, trimtab.engine.prefill-chunk is 0",
    "3, trimtab.engine.per-tenant.max-running is 0",
    "4, trimtab.engine.queue-size is 0",
    "5, trimtab.engine.per-tenant.max-queued is 0",
    "6, trimtab.default-max-tokens is 0",
    "7, trimtab.engine.image-cache-bytes is -1",
    "8, trimtab.engine.picture-cache-bytes is -1",
    "9, trimtab.engine.vision-cache-bytes is -1",
    "10, trimtab.engine.adapter-cache-bytes is 0",
    "11, trimtab.engine.prefix-cache-bytes is -1",
    "12, trimtab.threads is -1",
    "13, trimtab.adapters.max-lora-rank is 0"
  })
  void everyBoundIsRefusedByItsName(int wrong, String message) {
    assertThatThrownBy(() -> options(wrong))
        .isInstanceOf(TrimtabException.class)
        .hasMessageStartingWith(message + ", expected");
  }

  @Test
  void toBuilderKeepsEverything() {
    EngineOptions options =
        EngineOptions.builder()
            .maxBatch(2)
            .maxSequenceTokens(OptionalInt.of(3))
            .prefillChunkTokens(4)
            .runningPerTenantMax(5)
            .queueMax(6)
            .queuePerTenantMax(7)
            .defaultMaxTokens(8)
            .caches(new EngineOptions.Caches(1, 2, 3, 4, 5))
            .pictures(new PictureLimits(1, 2, 3))
            .threads(9)
            .adapters(new AdapterLimits(1, 2, 8, 1, 1))
            .tokenSets(WatchedClasses.builtIn().sets())
            .queueBytesMax(10)
            .build();
    assertThat(options.toBuilder().build()).isEqualTo(options);
    // None of them is the default, which a component that is left out would have.
    for (RecordComponent component : EngineOptions.class.getRecordComponents()) {
      assertThat(options)
          .extracting(component.getName())
          .isNotEqualTo(value(EngineOptions.defaults(), component));
    }
  }

  private static Object value(EngineOptions options, RecordComponent component) {
    try {
      return component.getAccessor().invoke(options);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theLargestBatchIs256() {
    assertThat(EngineOptions.defaults().withMaxBatch(256).maxBatch()).isEqualTo(256);
    assertThatThrownBy(() -> EngineOptions.defaults().withMaxBatch(257))
        .hasMessage("trimtab.engine.max-batch is 257, expected 1 to 256");
  }

  @Test
  void theQueuesBytesAreAQuarterOfTheHeapUnlessTheyAreSet() {
    assertThat(EngineOptions.defaults().waitingBytesMax())
        .isEqualTo(Runtime.getRuntime().maxMemory() / 4);
    assertThat(EngineOptions.builder().queueBytesMax(7).build().waitingBytesMax()).isEqualTo(7);
    assertThatThrownBy(() -> EngineOptions.builder().queueBytesMax(-1).build())
        .hasMessage("trimtab.engine.queue-bytes-max is -1, expected 0 and above");
  }

  private static EngineOptions options(int wrong) {
    return EngineOptions.builder()
        .maxBatch(wrong == 0 ? 0 : 1)
        .maxSequenceTokens(OptionalInt.of(wrong == 1 ? 1 : 2))
        .prefillChunkTokens(wrong == 2 ? 0 : 1)
        .runningPerTenantMax(wrong == 3 ? 0 : 1)
        .queueMax(wrong == 4 ? 0 : 1)
        .queuePerTenantMax(wrong == 5 ? 0 : 1)
        .defaultMaxTokens(wrong == 6 ? 0 : 1)
        .caches(
            new EngineOptions.Caches(
                wrong == 7 ? -1 : 0,
                wrong == 9 ? -1 : 0,
                wrong == 8 ? -1 : 0,
                wrong == 10 ? 0 : 1,
                wrong == 11 ? -1 : 0))
        .threads(wrong == 12 ? -1 : 0)
        .adapters(new AdapterLimits(wrong == 13 ? 0 : 1, 2, 8, 1, 1))
        .build();
  }

  @Test
  void aDeviceIsReadAndNamed() {
    assertThat(DeviceChoice.of("auto")).isEqualTo(new DeviceChoice.Auto());
    assertThat(DeviceChoice.of("cpu")).isEqualTo(new DeviceChoice.Fixed(Device.cpu()));
    assertThat(DeviceChoice.of("cuda")).isEqualTo(new DeviceChoice.Fixed(Device.cuda(0)));
    assertThat(DeviceChoice.of("cuda:12")).isEqualTo(new DeviceChoice.Fixed(Device.cuda(12)));
    assertThat(DeviceChoice.wireName(Device.cuda(12))).isEqualTo("cuda:12");
    assertThat(DeviceChoice.wireName(Device.cpu())).isEqualTo("cpu");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "gpu", "CPU", "cuda:", "cuda:-1", "cuda:1234", "cuda:1 "})
  void anotherDeviceIsRefused(String text) {
    assertThatThrownBy(() -> DeviceChoice.of(text))
        .isInstanceOf(TrimtabException.class)
        .hasMessage("The device is '%s', expected auto, cpu or cuda:N", text);
  }
}
