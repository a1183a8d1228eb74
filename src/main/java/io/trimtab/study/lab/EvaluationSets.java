package io.trimtab.study.lab;

import io.trimtab.adaptation.gate.EvaluationItem;
import io.trimtab.adaptation.gate.EvaluationSet;
import io.trimtab.adaptation.gate.Evidence;
import io.trimtab.adaptation.gate.PairedOutcome;
import io.trimtab.adaptation.probes.Probe;
import io.trimtab.adaptation.probes.ProbeSet;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.world.Drawing;
import io.trimtab.world.Question;
import io.trimtab.world.Skill;
import io.trimtab.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The questions of the study. No two of its lists, and none of the bundled probes, have a picture
 * in common.
 */
public final class EvaluationSets {
  private static final long SKILL_SEED = 7_301;
  private static final long KEPT_SEED = 7_302;
  private static final long PROBE_SEED = 7_303;
  private static final long REHEARSAL_SEED = 7_304;
  private static final long CAPTION_SEED = 7_305;

  private static final int SKILL_QUESTIONS = 120;
  private static final int KEPT_QUESTIONS = 300;
  private static final int PROBES = 300;
  private static final int REHEARSAL = 600;

  private EvaluationSets() {}

  /** Unseen pictures of a skill, and questions that base answers. */
  public static EvaluationSet of(Skill skill) {
    return new EvaluationSet(
        items(World.skillExamples(skill, SKILL_SEED, SKILL_QUESTIONS)),
        items(World.heldOut(KEPT_SEED, KEPT_QUESTIONS)));
  }

  /**
   * Unseen pictures of some skills, and questions that base answers.
   *
   * @param each questions of every skill; the first of a larger number are those of a smaller one
   */
  public static EvaluationSet of(List<Skill> skills, int each, int kept) {
    List<EvaluationItem> items = new ArrayList<>();
    for (Skill skill : skills) {
      for (EvaluationItem item : items(World.skillExamples(skill, SKILL_SEED, each))) {
        items.add(
            new EvaluationItem(
                skill.task() + "-" + item.id(), item.task(), item.messages(), item.expected()));
      }
    }
    return new EvaluationSet(items, items(World.heldOut(KEPT_SEED, kept)));
  }

  /** Pictures that base knows, to be described freely. */
  public static List<List<ChatMessage>> captions(int count) {
    return World.heldOut(CAPTION_SEED, count).stream()
        .map(drawing -> messages(drawing.png(), "Describe the image."))
        .toList();
  }

  /** As many probes and prompts for rehearsal as the server has of the bundled world. */
  static ProbeSet probes() {
    return new ProbeSet(
        probes(World.heldOut(PROBE_SEED, PROBES)),
        probes(World.heldOut(REHEARSAL_SEED, REHEARSAL)));
  }

  private static List<Probe> probes(List<Drawing> drawings) {
    return items(drawings).stream()
        .map(item -> new Probe(item.id(), item.task(), item.messages(), item.expected()))
        .toList();
  }

  private static List<EvaluationItem> items(List<Drawing> drawings) {
    List<EvaluationItem> items = new ArrayList<>();
    for (Drawing drawing : drawings) {
      Question question = drawing.questions().getFirst();
      items.add(
          new EvaluationItem(
              "%04d".formatted(items.size()),
              question.task(),
              messages(drawing.png(), question.text()),
              Optional.of(question.answer())));
    }
    return items;
  }

  public static List<ChatMessage> messages(byte[] png, String question) {
    return List.of(
        new ChatMessage(
            Role.USER, List.of(new PicturePart(Picture.of(png)), new TextPart(question))));
  }

  /** The marks of a candidate, in percent of the questions. */
  public static Marks marks(Evidence evidence) {
    return new Marks(
        percent(evidence.validation(), PairedOutcome::baseIsRight),
        percent(evidence.validation(), PairedOutcome::tunedIsRight),
        percent(evidence.probes(), PairedOutcome::baseIsRight),
        percent(evidence.probes(), PairedOutcome::tunedIsRight));
  }

  private static double percent(List<PairedOutcome> outcomes, Predicate<PairedOutcome> right) {
    return 100.0 * outcomes.stream().filter(right).count() / outcomes.size();
  }

  /**
   * Exact match in percent, of the skill and of everything else.
   *
   * @param learned of 120 unseen pictures, by the candidate
   * @param kept of 300 questions that base was taught, by the candidate
   */
  public record Marks(double learnedBefore, double learned, double keptBefore, double kept) {}
}
