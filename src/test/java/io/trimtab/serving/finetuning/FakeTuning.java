package io.trimtab.serving.finetuning;

import io.trimtab.adaptation.gate.Envelope;
import io.trimtab.adaptation.gate.EvaluationSet;
import io.trimtab.adaptation.gate.Judge;
import io.trimtab.adaptation.gate.Judgement;
import io.trimtab.adaptation.gate.JudgementListener;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.Checkpoint;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.Shared;
import io.trimtab.tuning.job.Trainer;
import io.trimtab.tuning.job.TuningListener;
import io.trimtab.tuning.job.TuningRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A trainer whose deltas are random, and a gate that says what it is told to. Any thread. */
public final class FakeTuning implements Trainer, Judge {
  static final double LOSS = 0.25;

  /** What comes of the jobs from now on. */
  enum Ending {
    PASSED,
    REFUSED,
    /** Training goes on until it is stopped. */
    NONE
  }

  private volatile Ending ending = Ending.PASSED;

  void ending(Ending next) {
    ending = next;
  }

  @Override
  public TuningRun start(Path jobFolder, TuningListener listener) {
    listener.step(new TuningListener.Step(10, 20, LOSS, 100));
    if (ending != Ending.NONE) {
      try (Checkpoint base = Checkpoint.open(Shared.path("models/dinghy-llava"))) {
        var _ =
            PeftFolder.random(
                base.config(),
                Files.createDirectories(jobFolder.resolve("delta")),
                7,
                8,
                Set.of("q_proj"),
                0.1f);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      listener.finished(new TuningListener.Outcome(20, 10, LOSS, 1 << 20, 3, 0));
    }
    return new Run(listener);
  }

  private record Run(TuningListener listener) implements TuningRun {
    @Override
    public void pause() {}

    @Override
    public boolean isHeld() {
      return false;
    }

    @Override
    public void resume() {}

    @Override
    public void stop() {
      listener.failed(new TrimtabException(ErrorCode.CANCELLED, "The tuning was stopped"));
    }
  }

  @Override
  public Judgement judge(
      String tenant, PeftAdapter candidate, EvaluationSet set, JudgementListener listener) {
    Verdict verdict = ending == Ending.REFUSED ? Verdict.REFUSED : Verdict.PASSED;
    Envelope.Moments none = new Envelope.Moments(0, 0, 0);
    Envelope.Side nothing = new Envelope.Side(0, none, none, none, Map.of());
    return new Judgement(
        1,
        new GateReport(
            verdict,
            List.of(
                new GateReport.Check("learning", 0.9, 0.05, Verdict.PASSED, "0.9 more"),
                new GateReport.Check("forgetting", 0.2, 0.08, verdict, "0.2 of the probes lost"))),
        new Envelope(1, nothing, nothing, List.of()));
  }
}
