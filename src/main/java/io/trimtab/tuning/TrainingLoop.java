package io.trimtab.tuning;

import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.BatchPlan.PlannedBatch;
import io.trimtab.tuning.TrainableModel.Losses;
import io.trimtab.tuning.TrainingState.Best;
import io.trimtab.tuning.TuningEvent.Held;
import io.trimtab.tuning.TuningEvent.Ready;
import io.trimtab.tuning.TuningEvent.Stepped;
import io.trimtab.tuning.TuningEvent.Validated;
import io.trimtab.tuning.TuningEvent.Working;
import io.trimtab.tuning.job.DiskSteps;
import io.trimtab.tuning.job.JobFolder;
import io.trimtab.tuning.job.RehearsalSettings;
import io.trimtab.tuning.job.StageSettings;
import io.trimtab.tuning.job.TrainingSequence;
import io.trimtab.tuning.job.TrainingSequence.Split;
import io.trimtab.tuning.job.TrainingSettings;
import io.trimtab.tuning.job.TuningListener.Outcome;
import io.trimtab.tuning.job.TuningListener.Step;
import io.trimtab.tuning.job.TuningListener.Validation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Trains a model on a job: batches, updates, validations and checkpoints, up to the last step or
 * until validation no longer gets better. Killed at any moment and run again on the same folder, it
 * ends with the delta that it would have ended with. One thread.
 */
final class TrainingLoop {
  /** One overflow is an accident; so many in a row are no training. */
  private static final int NOT_FINITE_MAX = 3;

  private final TrainableModel model;
  private final TrainingSwitch turn;
  private final Consumer<TuningEvent> events;
  private final TrainingCheckpoints checkpoints;
  private final TrainingSettings settings;
  private final RehearsalSettings rehearsing;
  private final BatchPlan batches;
  private final List<TrainingSequence> validation;
  private final StageSettings stage;

  TrainingLoop(
      JobFolder folder,
      TrainableModel model,
      TrainingSwitch turn,
      Consumer<TuningEvent> events,
      DiskSteps disk) {
    this.model = model;
    this.turn = turn;
    this.events = events;
    this.checkpoints = new TrainingCheckpoints(folder, disk);
    this.settings = folder.plan().training();
    this.rehearsing = folder.plan().rehearsal();
    this.stage = folder.plan().stage();
    this.batches =
        new BatchPlan(
            folder.sequences(Split.TRAINING),
            folder.sequences(Split.REHEARSAL),
            settings.batchSize(),
            rehearsing.share(),
            settings.seed());
    this.validation = folder.sequences(Split.VALIDATION);
  }

  /**
   * Trains to the end and writes delta and outcome.
   *
   * @throws TrimtabException CANCELLED when stopped; INVALID_ARGUMENT where training does not
   *     converge to anything
   */
  Outcome run() throws IOException {
    TrainingState state = checkpoints.restore(model);
    events.accept(new Ready(state.step()));
    while (state.step() < settings.maxSteps() && state.stale() < settings.earlyStoppingPatience()) {
      state = advance(state);
    }
    return finish(state);
  }

  private TrainingState advance(TrainingState before) throws IOException {
    long started = System.nanoTime();
    long pausedBefore = turn.pausedNanos();
    TrainingState state = update(before);
    if (stage.deltaSteps().contains(state.step())) {
      checkpoints.keepDelta(model, state.step());
    }
    if (!validation.isEmpty() && isDue(state, settings.evalSteps())) {
      Validation validated = validate(state.step());
      if (state.isBettered(validated)) {
        checkpoints.keepBest(model, state.step());
      }
      state = state.validated(validated);
      events.accept(new Validated(validated));
    }
    double paused = (turn.pausedNanos() - pausedBefore) / 1e9;
    double wall = (System.nanoTime() - started) / 1e9;
    state = state.spent(wall - paused, paused, ProcessMemory.peakBytes());
    if (state.step() % settings.saveSteps() == 0) {
      checkpoints.save(model, state);
    }
    return state;
  }

  private boolean isDue(TrainingState state, int interval) {
    return state.step() % interval == 0 || state.step() == settings.maxSteps();
  }

  private TrainingState update(TrainingState before) {
    long started = System.nanoTime();
    long pausedBefore = turn.pausedNanos();
    PlannedBatch batch = batches.at(before.step());
    Losses training = learn(batch.training(), before.step());
    Losses rehearsal = rehearse(batch.rehearsal(), before.step());
    double norm =
        model.update(
            settings.learningRateAt(before.step()), settings.weightDecay(), settings.maxGradNorm());
    double trainLoss = mean(training);
    boolean finite =
        Double.isFinite(norm)
            && Double.isFinite(trainLoss)
            && (batch.rehearsal().isEmpty() || Double.isFinite(mean(rehearsal)));
    TrainingState state = before.updated(finite);
    long worked = System.nanoTime() - started - (turn.pausedNanos() - pausedBefore);
    events.accept(
        new Stepped(
            new Step(
                state.step(),
                settings.maxSteps(),
                trainLoss,
                batch.tokens() / (Math.max(1, worked) / 1e9))));
    if (state.notFinite() >= NOT_FINITE_MAX) {
      throw TrimtabException.invalid(
          ("In %d updates in a row, up to step %d, the loss (%s) or the gradient's norm (%s) was not"
                  + " finite; expected a learning_rate below %s, or other examples")
              .formatted(NOT_FINITE_MAX, state.step(), trainLoss, norm, settings.learningRate()));
    }
    return state;
  }

  /** The batch's gradient is that of the mean over its answers' tokens. */
  private Losses learn(List<TrainingSequence> sequences, int step) {
    double weight = 1.0 / answerTokens(sequences);
    Losses sum = Losses.NONE;
    for (List<TrainingSequence> together : microBatches(sequences)) {
      sum = sum.plus(inTurn(step, () -> learnTogether(together, weight)));
    }
    return sum;
  }

  private Losses learnTogether(List<TrainingSequence> sequences, double weight) {
    return stage.lwfWeight() > 0
        ? model.distil(sequences, weight, stage.lwfWeight(), stage.lwfTemperature())
        : model.learn(sequences, weight);
  }

  private Losses rehearse(List<TrainingSequence> sequences, int step) {
    double weight = rehearsing.weight() / answerTokens(sequences);
    double temperature = rehearsing.temperature();
    Losses sum = Losses.NONE;
    for (List<TrainingSequence> together : microBatches(sequences)) {
      sum = sum.plus(inTurn(step, () -> model.rehearse(together, weight, temperature)));
    }
    return sum;
  }

  private Validation validate(int step) {
    Losses sum = Losses.NONE;
    for (List<TrainingSequence> together : microBatches(validation)) {
      sum = sum.plus(inTurn(step, () -> model.evaluate(together)));
    }
    return new Validation(step, mean(sum), (double) sum.exactMatches() / validation.size());
  }

  private interface MicroBatch {
    Losses run();
  }

  private Losses inTurn(int step, MicroBatch batch) {
    turn.await(() -> events.accept(new Held(step)));
    Losses losses = batch.run();
    events.accept(new Working(step));
    return losses;
  }

  private Outcome finish(TrainingState state) throws IOException {
    turn.await(() -> events.accept(new Held(state.step())));
    if (validation.isEmpty()) {
      Outcome outcome = outcome(state, new Best(state.step(), Double.NaN));
      checkpoints.finishWithLast(model, outcome);
      return outcome;
    }
    if (state.best() == null) {
      throw TrimtabException.invalid(
          "No validation up to step %d had a finite loss; expected a learning_rate below %s"
              .formatted(state.step(), settings.learningRate()));
    }
    Outcome outcome = outcome(state, state.best());
    checkpoints.finishWithBest(state.best().step(), outcome);
    return outcome;
  }

  private static Outcome outcome(TrainingState state, Best best) {
    return new Outcome(
        state.step(),
        best.step(),
        best.loss(),
        Math.max(state.peakBytes(), ProcessMemory.peakBytes()),
        state.seconds(),
        state.pausedSeconds());
  }

  private List<List<TrainingSequence>> microBatches(List<TrainingSequence> sequences) {
    List<List<TrainingSequence>> micro = new ArrayList<>();
    for (int from = 0; from < sequences.size(); from += settings.microBatchSize()) {
      int to = Math.min(sequences.size(), from + settings.microBatchSize());
      micro.add(sequences.subList(from, to));
    }
    return micro;
  }

  private static int answerTokens(List<TrainingSequence> sequences) {
    return sequences.stream().mapToInt(TrainingSequence::answerTokens).sum();
  }

  /** Nats a token; NaN of none. */
  private static double mean(Losses losses) {
    return losses.loss() / losses.answerTokens();
  }
}
