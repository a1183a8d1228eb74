package io.trimtab.cli.probes;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.trimtab.adaptation.probes.ProbeFolder;
import io.trimtab.adaptation.probes.ProbeLimits;
import io.trimtab.adaptation.probes.ProbeLine;
import io.trimtab.adaptation.probes.ProbeSet;
import io.trimtab.cli.ask.Asker;
import io.trimtab.cli.local.LocalModel;
import io.trimtab.cli.local.ModelOptions;
import io.trimtab.cli.local.OpenedGenerator;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab probes make}: probes from pictures at hand, answered by the base model. */
@Command(
    name = "make",
    description = {
      "Asks the base model every question about every picture of a folder, and writes what it says"
          + " as probes.jsonl with the pictures.",
      "A revision is then held against base's answers. Where an answer is wrong, correct it in the"
          + " file, or remove it: agreement with base is judged more leniently than right answers.",
    },
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab probes make PICTURES --model DIR --output PROBES",
      "  TRIMTAB_PROBES=PROBES trimtab up --model DIR",
    },
    sortOptions = false)
final class ProbesMakeCommand implements Callable<Integer> {
  /** Nobody's adapters are asked for, so any tenant will do. */
  private static final String TENANT = "default";

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      description =
          "Pictures (PNG, JPEG, WebP, GIF or BMP), and questions.txt with a question a line"
              + " (default: a few general ones).")
  private Path folder;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Folder to write; made when missing (default: that of the pictures).")
  @Nullable Path output;

  @Option(names = "--force", description = "Replace a probes.jsonl that is there already.")
  private boolean force;

  @Mixin private final ModelOptions options = new ModelOptions();

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "Longest answer (default: ${DEFAULT-VALUE}).")
  private int maxTokens = 64;

  @Option(names = "--json", description = "Print the summary as one line of JSON.")
  private boolean json;

  private final Function<LocalModel, OpenedGenerator> local;

  ProbesMakeCommand(Function<LocalModel, OpenedGenerator> local) {
    this.local = local;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path target = output == null ? folder : output;
    if (!force && Files.exists(target.resolve(ProbeFolder.FILE))) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "%s is there already: name another folder with --output, or replace it with --force"
              .formatted(target.resolve(ProbeFolder.FILE)));
    }
    ProbeSources sources = ProbeSources.of(folder, ProbeLimits.defaults());
    SamplingParameters sampling = SamplingParameters.greedy(maxTokens);
    List<ProbeLine> lines;
    try (OpenedGenerator opened = local.apply(options.chosen())) {
      lines =
          new ProbeAnswers(new Asker(opened.generator(), TENANT, ServedBy.BASE, sampling))
              .lines(sources);
    }
    ProbeSet set = ProbeFolder.write(target, lines, sources.pictures());
    report(target, sources, set);
    return 0;
  }

  private void report(Path target, ProbeSources sources, ProbeSet set) {
    PrintWriter out = spec.commandLine().getOut();
    int pictures = sources.pictures().size();
    if (json) {
      out.println(
          JsonNodeFactory.instance
              .objectNode()
              .put("folder", target.toString())
              .put("pictures", pictures)
              .put("questions", sources.questions().size())
              .put("probes", set.probes().size())
              .put("rehearsal", set.rehearsal().size()));
    } else {
      out.println(
          "%s: %d probes and %d prompts to rehearse, of %d pictures"
              .formatted(target, set.probes().size(), set.rehearsal().size(), pictures));
    }
    out.flush();
    ProbesCheckCommand.remark(set, spec.commandLine().getErr());
  }
}
