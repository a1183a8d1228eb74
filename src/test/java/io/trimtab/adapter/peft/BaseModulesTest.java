package io.trimtab.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adapter.peft.BaseModules.Generation;
import io.trimtab.adapter.peft.BaseModules.Module;
import io.trimtab.model.WeightNames;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BaseModulesTest {
  @ParameterizedTest
  @ValueSource(strings = {PeftCase.LLAVA, PeftCase.QWEN, "llava-next", "llava-1.5"})
  void namesOfBothGenerationsLeadBackToTheModule(String model) {
    BaseModules base = new BaseModules(PeftCase.base(model));

    for (Module module : base.all()) {
      for (Generation generation : Generation.values()) {
        assertThat(WeightNames.canonical(base.family(), module.name(generation)))
            .hasValue(module.canonical());
      }
      assertThat(base.find(module.canonical())).hasValue(module);
    }
    assertThat(base.towerNames())
        .isNotEmpty()
        .allSatisfy(
            name ->
                assertThat(WeightNames.canonical(base.family(), name).orElseThrow())
                    .startsWith("vision_tower."));
  }
}
