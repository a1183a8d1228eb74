package io.trimtab.adaptation.job;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.testing.PeftFolder;
import io.trimtab.tuning.job.Trainer;
import io.trimtab.tuning.job.TuningListener;
import io.trimtab.tuning.job.TuningListener.Outcome;
import io.trimtab.tuning.job.TuningRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A trainer that plays a script in the place of training, on the thread that starts it. */
final class ScriptedTrainer implements Trainer {
  static final PeftFolder DELTA = PeftFolder.reference("llava-onevision", "sa-proj");
  static final Outcome OUTCOME = new Outcome(20, 10, 0.5, 1 << 20, 3, 0);

  /** What happens when a job is started. */
  interface Script {
    void play(Run run) throws IOException;
  }

  private final List<Run> runs = new ArrayList<>();
  private Script script = Run::finish;

  void script(Script next) {
    script = next;
  }

  /** All that were started, in order. */
  List<Run> runs() {
    return runs;
  }

  @Override
  public TuningRun start(Path jobFolder, TuningListener listener) {
    Run run = new Run(jobFolder, listener);
    runs.add(run);
    try {
      script.play(run);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return run;
  }

  /** One job; it ends when the script says so, or when it is stopped. */
  static final class Run implements TuningRun {
    private final Path folder;
    private final TuningListener listener;
    private boolean stopped;

    private Run(Path folder, TuningListener listener) {
      this.folder = folder;
      this.listener = listener;
    }

    Path folder() {
      return folder;
    }

    boolean stopped() {
      return stopped;
    }

    /** Lays the delta into the folder and says that all went well. */
    void finish() throws IOException {
      Path delta = Files.createDirectories(folder.resolve("delta"));
      for (Path file : List.of(DELTA.config(), DELTA.weights())) {
        Files.write(delta.resolve(file.getFileName()), Files.readAllBytes(file));
      }
      listener.finished(OUTCOME);
    }

    void step(TuningListener.Step step) {
      listener.step(step);
    }

    void fail(ErrorCode code, String message) {
      listener.failed(new TrimtabException(code, message));
    }

    @Override
    public void pause() {}

    @Override
    public boolean isHeld() {
      return false;
    }

    @Override
    public void resume() {}

    /** As a trainer whose last write comes after it was told. */
    @Override
    public void stop() {
      stopped = true;
      try {
        Files.createDirectories(folder.resolve("checkpoint"));
        Files.writeString(folder.resolve("checkpoint").resolve("last"), "step 7");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      fail(ErrorCode.CANCELLED, "The tuning was stopped");
    }
  }
}
