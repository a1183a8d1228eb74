package io.trimtab.study;

import io.trimtab.study.plan.StageRecord;
import io.trimtab.study.plan.StudyRun;
import io.trimtab.world.Skill;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Who tunes a model's stages and measures what comes of them. One thread; its calls block. */
interface StageRunner extends AutoCloseable {
  /**
   * One stage.
   *
   * @param skills so far; the last one is tuned
   * @param before the stage that it goes on from; empty for the first
   */
  StageRecord run(StudyRun run, List<Skill> skills, Optional<StageRecord> before)
      throws IOException, InterruptedException;

  /** The stage's record is kept; what else there is of it but the delta may go. */
  void recorded(StageRecord record) throws IOException;

  @Override
  void close();
}
