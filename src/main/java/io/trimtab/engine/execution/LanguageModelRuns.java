package io.trimtab.engine.execution;

import io.trimtab.engine.delta.EmptyDeltas;
import io.trimtab.engine.execution.LanguageModelRun.DeltaNames;
import io.trimtab.engine.execution.LanguageModelRun.Form;
import io.trimtab.engine.execution.LanguageModelRun.HostInput;
import io.trimtab.engine.sampling.LogitsRow;
import io.trimtab.model.TextConfig;
import io.trimtab.model.graph.Projection;
import io.trimtab.ort.OrtBinding;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.ort.OrtSession;
import io.trimtab.ort.OrtTensor;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Prepares runs of the language model: says which memory every input and output of the graph is.
 * Owned by the step loop's thread.
 */
final class LanguageModelRuns {
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final TextConfig text;
  private final DType activation;
  private final KeyValueCache cache;
  private final RunBuffers buffers;

  private final EmptyDeltas base;
  private final List<DeltaNames> deltaNames;

  private final TokenSets tokenSets;

  /**
   * @param base bound by a run until others are
   * @param tokenSets whose masses each run computes; closed by whoever made them
   */
  LanguageModelRuns(
      LoadedModel model,
      TextConfig text,
      KeyValueCache cache,
      RunBuffers buffers,
      EmptyDeltas base,
      TokenSets tokenSets) {
    this.environment = model.environment();
    this.session = model.languageModel();
    this.text = text;
    this.activation = model.graphs().precision().activation();
    this.cache = cache;
    this.buffers = buffers;
    this.base = base;
    this.deltaNames = deltaNames(text);
    this.tokenSets = tokenSets;
  }

  /** A binding for runs of that form, with base's empty deltas. The caller closes it. */
  LanguageModelRun prepare(Form form) {
    Preparation preparation = new Preparation(session.binding());
    bindInputs(preparation, form);
    bindBase(preparation.binding);
    bindCache(preparation, form);
    LogitsRow logits = bindOutputs(preparation, form);
    return new LanguageModelRun(
        form,
        preparation.binding,
        preparation.hostInputs,
        preparation.owned,
        logits,
        session.device(),
        deltaNames,
        base);
  }

  private void bindInputs(Preparation run, Form form) {
    int halfHead = text.headDim() / 2;
    Shape angles = Shape.of(form.batch(), form.tokens(), halfHead);
    Shape embeddings = Shape.of(form.batch(), form.tokens(), text.hiddenSize());
    run.input("inputs_embeds", buffers.embeddings, activation, embeddings);
    run.input("rope_cos", buffers.cos, activation, angles);
    run.input("rope_sin", buffers.sin, activation, angles);
    run.input("seqlens_k", buffers.pastLengths, DType.I32, Shape.of(form.batch()));
    run.input("total_sequence_length", buffers.totalLength, DType.I32, Shape.of());
    run.input("logit_rows", buffers.logitRows, DType.I64, Shape.of(form.rows()));
    run.input("logit_targets", buffers.logitTargets, DType.I64, Shape.of(form.rows()));
    run.binding.bindInput("token_classes", tokenSets.tensor());
  }

  private void bindBase(OrtBinding binding) {
    for (int site = 0; site < deltaNames.size(); site++) {
      binding.bindInput(deltaNames.get(site).a(), base.a(site));
      binding.bindInput(deltaNames.get(site).b(), base.b(site));
    }
  }

  private static List<DeltaNames> deltaNames(TextConfig text) {
    List<DeltaNames> names = new ArrayList<>();
    for (int layer = 0; layer < text.layers(); layer++) {
      for (Projection projection : Projection.ALL) {
        names.add(new DeltaNames(projection.deltaA(layer), projection.deltaB(layer)));
      }
    }
    return List.copyOf(names);
  }

  private void bindCache(Preparation run, Form form) {
    for (int layer = 0; layer < text.layers(); layer++) {
      OrtTensor keys = run.own(cache.keys(layer, form.slot(), form.batch()));
      OrtTensor values = run.own(cache.values(layer, form.slot(), form.batch()));
      run.binding.bindInput("past_key_values.%d.key".formatted(layer), keys);
      run.binding.bindInput("past_key_values.%d.value".formatted(layer), values);
      run.binding.bindOutput("present.%d.key".formatted(layer), keys);
      run.binding.bindOutput("present.%d.value".formatted(layer), values);
    }
  }

  private LogitsRow bindOutputs(Preparation run, Form form) {
    int rows = form.rows();
    int bests = buffers.bests;
    MemorySegment bestLogits =
        run.output("top_logits", buffers.bestLogits, DType.F32, Shape.of(rows, bests));
    MemorySegment bestIds =
        run.output("top_tokens", buffers.bestIds, DType.I64, Shape.of(rows, bests));
    MemorySegment logsumexps =
        run.output("logsumexp", buffers.logsumexps, DType.F32, Shape.of(rows, 1));
    MemorySegment targets =
        run.output("target_logits", buffers.targetLogits, DType.F32, Shape.of(rows, 1));
    LogitsRow row = logitsRow(run, form, bestIds, bestLogits, logsumexps).withTargets(targets);
    return tokenSets.count() == 0
        ? row
        : row.withMasses(
            run.output(
                "class_mass", buffers.setMasses, DType.F32, Shape.of(rows, tokenSets.count())));
  }

  private LogitsRow logitsRow(
      Preparation run,
      Form form,
      MemorySegment bestIds,
      MemorySegment bestLogits,
      MemorySegment logsumexps) {
    int rows = form.rows();
    int bests = buffers.bests;
    return switch (form.coverage()) {
      case BEST -> LogitsRow.best(bestIds, bestLogits, logsumexps, bests);
      case FULL -> {
        int vocabulary = text.vocabularySize();
        MemorySegment logits =
            run.output("logits", buffers.fullLogits(rows), DType.F32, Shape.of(rows, vocabulary));
        yield LogitsRow.full(bestIds, bestLogits, logsumexps, bests, logits, vocabulary);
      }
    };
  }

  /** A binding under construction, with what it will own. */
  private final class Preparation {
    private final OrtBinding binding;
    private final List<HostInput> hostInputs = new ArrayList<>();
    private final List<OrtTensor> owned = new ArrayList<>();

    Preparation(OrtBinding binding) {
      this.binding = binding;
    }

    OrtTensor own(OrtTensor tensor) {
      owned.add(tensor);
      return tensor;
    }

    void input(String name, MemorySegment memory, DType dtype, Shape shape) {
      OrtTensor tensor = tensor(memory, dtype, shape);
      binding.bindInput(name, tensor);
      hostInputs.add(new HostInput(name, tensor));
    }

    MemorySegment output(String name, MemorySegment memory, DType dtype, Shape shape) {
      OrtTensor tensor = tensor(memory, dtype, shape);
      binding.bindOutput(name, tensor);
      return tensor.tensor().data();
    }

    private OrtTensor tensor(MemorySegment memory, DType dtype, Shape shape) {
      MemorySegment own = memory.asSlice(0, shape.elements() * dtype.bytes());
      return own(OrtTensor.over(environment, new Tensor(dtype, shape, own)));
    }
  }
}
