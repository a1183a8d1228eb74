package io.trimtab.adaptation.job;

import io.trimtab.adaptation.feedback.Conversations;
import io.trimtab.adaptation.feedback.Example;
import io.trimtab.adaptation.gate.EvaluationItem;
import io.trimtab.adaptation.gate.EvaluationSet;
import io.trimtab.adaptation.probes.Probe;
import io.trimtab.adaptation.probes.ProbeSet;
import io.trimtab.engine.api.EncodedConversation;
import io.trimtab.engine.api.EncodedConversation.EncodedPicture;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.tuning.job.JobDraft;
import io.trimtab.tuning.job.PictureFeatures;
import io.trimtab.tuning.job.TrainingSequence;
import io.trimtab.tuning.job.TrainingSequence.PlacedPicture;
import io.trimtab.tuning.job.TrainingSequence.Split;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The data of a job: its examples as token sequences, each picture's frozen features once, and what
 * base itself answers to the rehearsal's prompts. One thread; blocks on the engine and the disk.
 */
public final class JobData {
  private final InferenceEngine engine;
  private final Conversations conversations;
  private final RehearsalAnswers rehearsalAnswers;
  private final ProbeSet probes;
  private final int rehearsalMax;

  /**
   * @param rehearsalMax prompts that base answers for a job
   */
  public JobData(
      InferenceEngine engine, Conversations conversations, ProbeSet probes, int rehearsalMax) {
    this.engine = engine;
    this.conversations = conversations;
    this.rehearsalAnswers = new RehearsalAnswers(engine);
    this.probes = probes;
    this.rehearsalMax = rehearsalMax;
  }

  /**
   * Lays the data out; the folder is not sealed yet. What the model can't read is left out and
   * logged: one example too long, or one spoilt picture, holds up no other.
   *
   * @param keepGoing asked now and then; throws to end the work
   * @throws TrimtabException INVALID_ARGUMENT or NOT_FOUND where no example is left to train on, or
   *     no prompt of those that are to be rehearsed; CANCELLED where the thread is interrupted
   */
  public void write(JobDraft folder, String tenant, ExampleSplit split, Runnable keepGoing)
      throws IOException {
    Set<String> pictures = new HashSet<>();
    LeftOut examples = new LeftOut();
    for (Example example : split.training()) {
      keepGoing.run();
      examples.attempt(
          example.feedbackId(), () -> add(folder, pictures, tenant, example, Split.TRAINING));
    }
    examples.requireFewerThan("examples", split.training().size());
    for (Example example : split.validation()) {
      keepGoing.run();
      examples.attempt(
          example.feedbackId(), () -> add(folder, pictures, tenant, example, Split.VALIDATION));
    }
    examples.log("examples", split.training().size() + split.validation().size());
    LeftOut prompts = new LeftOut();
    List<Probe> rehearsal = probes.rehearsal();
    for (Probe probe : rehearsal.subList(0, Math.min(rehearsalMax, rehearsal.size()))) {
      keepGoing.run();
      prompts.attempt("rehearsal:" + probe.id(), () -> rehearse(folder, pictures, probe));
    }
    prompts.requireFewerThan("prompts to rehearse", Math.min(rehearsalMax, rehearsal.size()));
    prompts.log("prompts to rehearse", Math.min(rehearsalMax, rehearsal.size()));
  }

  private void rehearse(JobDraft folder, Set<String> pictures, Probe probe) throws IOException {
    add(
        folder,
        pictures,
        RehearsalAnswers.TENANT,
        "rehearsal:" + probe.id(),
        probe.messages(),
        rehearsalAnswers.answer(probe.messages()),
        Split.REHEARSAL);
  }

  /** Whether anything is rehearsed beside the examples. */
  boolean rehearses() {
    return rehearsalMax > 0 && !probes.rehearsal().isEmpty();
  }

  /**
   * What the candidate is judged on: every example that it was not trained on. That is the gate's
   * part of the split by which the job's folder was laid out, which may be another today. An
   * example whose picture is lost is left out and logged.
   *
   * @param trained whether an example's conversation is in the job's folder
   */
  public EvaluationSet evaluation(List<Example> examples, Predicate<Example> trained) {
    List<Example> heldBack = examples.stream().filter(trained.negate()).toList();
    List<EvaluationItem> corrections = new ArrayList<>();
    LeftOut lost = new LeftOut();
    for (Example example : heldBack) {
      lost.attempt(example.feedbackId(), () -> corrections.add(correction(example)));
    }
    lost.log("examples to judge by", heldBack.size());
    return new EvaluationSet(
        corrections,
        probes.probes().stream()
            .map(
                probe ->
                    new EvaluationItem(probe.id(), probe.task(), probe.messages(), probe.answer()))
            .toList());
  }

  private EvaluationItem correction(Example example) {
    return new EvaluationItem(
        example.feedbackId(), "correction", messages(example), Optional.of(example.correction()));
  }

  private List<ChatMessage> messages(Example example) {
    return conversations.read(example.adapter().tenant(), example.conversation());
  }

  private void add(
      JobDraft folder, Set<String> pictures, String tenant, Example example, Split split)
      throws IOException {
    add(
        folder,
        pictures,
        tenant,
        example.feedbackId(),
        messages(example),
        example.correction(),
        split);
  }

  private void add(
      JobDraft folder,
      Set<String> pictures,
      String tenant,
      String id,
      List<ChatMessage> messages,
      String answer,
      Split split)
      throws IOException {
    EncodedConversation encoded = Awaited.of(engine.encode(tenant, messages, answer));
    List<PlacedPicture> placed = new ArrayList<>();
    for (EncodedPicture picture : encoded.pictures()) {
      placed.add(
          new PlacedPicture(picture.sha256(), picture.start(), picture.length(), picture.grid()));
      if (pictures.add(picture.sha256())) {
        folder.add(
            new PictureFeatures(
                picture.sha256(),
                picture.features(),
                picture.featureRows(),
                picture.blend(),
                picture.rows(),
                picture.weights()));
      }
    }
    folder.add(new TrainingSequence(id, split, encoded.tokens(), encoded.promptTokens(), placed));
  }
}
