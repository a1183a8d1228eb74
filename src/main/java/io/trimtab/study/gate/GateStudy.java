package io.trimtab.study.gate;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.trimtab.adaptation.gate.Judgement;
import io.trimtab.adapter.GateReport.Check;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.study.lab.CandidateData;
import io.trimtab.study.lab.EvaluationSets;
import io.trimtab.study.lab.Lab;
import io.trimtab.study.lab.Lab.Trained;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * Trains candidates, has the gate judge each, and examines each by questions that neither the gate
 * nor the training knows. What is done is kept in the folder, so that a study that was killed goes
 * on.
 */
final class GateStudy {
  private static final JsonMapper JSON = new JsonMapper();

  private final Path folder;
  private final int threads;

  /**
   * @param threads of PyTorch
   */
  GateStudy(Path folder, int threads) {
    this.folder = folder;
    this.threads = threads;
  }

  /** One after the other; the consumer hears of each. */
  void run(List<GateCandidate> candidates, BiConsumer<GateCandidate, GateRecord> results)
      throws IOException, InterruptedException {
    List<String> models = candidates.stream().map(GateCandidate::model).distinct().toList();
    for (String model : models) {
      try (Lab lab = Lab.open(model, folder.resolve(model), threads)) {
        for (GateCandidate candidate : candidates) {
          if (candidate.model().equals(model)) {
            results.accept(candidate, result(lab, candidate));
          }
        }
      }
    }
  }

  private GateRecord result(Lab lab, GateCandidate candidate)
      throws IOException, InterruptedException {
    Path file = folder.resolve(candidate.name() + ".json");
    if (Files.isRegularFile(file)) {
      return JSON.readValue(file.toFile(), GateRecord.class);
    }
    GateRecord result = judged(lab, candidate);
    Path part = folder.resolve(candidate.name() + ".part");
    Files.write(part, JSON.writeValueAsBytes(result));
    Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    return result;
  }

  private GateRecord judged(Lab lab, GateCandidate candidate)
      throws IOException, InterruptedException {
    CandidateData data = candidate.data().get();
    Trained trained = lab.train(candidate.name(), data, candidate.setup(), folder.resolve("jobs"));
    if (!trained.refusal().isEmpty()) {
      // What the trainer refuses never reaches the gate.
      return new GateRecord(false, 0, "the trainer: " + trained.refusal(), "", null, 0);
    }
    Judgement judgement = lab.judge(trained.delta(), candidate.name(), data);
    return new GateRecord(
        judgement.passed(),
        judgement.scale(),
        refusals(judgement),
        scales(judgement),
        EvaluationSets.marks(
            lab.evaluate(trained.delta(), judgement.scale(), EvaluationSets.of(candidate.skill()))),
        trained.seconds());
  }

  private static String refusals(Judgement judgement) {
    return judgement.report().checks().stream()
        .filter(check -> check.verdict() == Verdict.REFUSED)
        .map(Check::name)
        .filter(name -> !name.equals("scale"))
        .collect(Collectors.joining(", "));
  }

  private static String scales(Judgement judgement) {
    return judgement.report().checks().stream()
        .filter(check -> check.name().equals("scale"))
        .map(Check::detail)
        .collect(Collectors.joining());
  }
}
