package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.model.RotaryFrequencies;
import io.trimtab.world.Drawing;
import io.trimtab.world.Skill;
import io.trimtab.world.World;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The bundled models know the world as it is drawn here, and lack its skills. */
class WorldKnowledgeTest {
  private static final long SEED = 5;
  static final List<String> CHECKPOINTS = SampleQuestion.CHECKPOINTS;

  /** What the models were never good at. */
  private static final Set<String> WEAK = Set.of("digit", "say");

  private static final OpenedEngines ENGINES = new OpenedEngines(RotaryFrequencies.FLOAT32);

  @AfterAll
  static void close() {
    ENGINES.close();
  }

  @ParameterizedTest
  @FieldSource("CHECKPOINTS")
  void heldOutQuestionsAreAnsweredWordForWord(String checkpoint) {
    List<Drawing> drawings =
        World.heldOut(SEED, 80).stream().map(drawing -> drawing.asking(2)).toList();
    WorldKnowledge knowledge = WorldKnowledge.of(engine(checkpoint), drawings);
    assertThat(knowledge.total().asked()).isEqualTo(160);
    assertThat(knowledge.total().share()).as("%s", knowledge).isGreaterThan(.85);
    assertThat(knowledge.without(WEAK).share()).as("%s", knowledge).isGreaterThan(.93);
  }

  @ParameterizedTest
  @FieldSource("CHECKPOINTS")
  void skillsStartAtNothing(String checkpoint) {
    for (Skill skill : Skill.values()) {
      WorldKnowledge knowledge =
          WorldKnowledge.of(engine(checkpoint), World.skillExamples(skill, SEED, 12));
      assertThat(knowledge.total().right()).as("%s", knowledge).isLessThanOrEqualTo(1);
      assertThat(knowledge.tasks()).containsOnlyKeys(skill.task());
    }
  }

  private static Engine engine(String checkpoint) {
    return ENGINES.get(checkpoint, OpenedEngines.options(8, 512));
  }
}
