package io.trimtab.model.text;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.el.JinjavaInterpreterResolver;
import com.hubspot.jinjava.el.JinjavaNodePreProcessor;
import com.hubspot.jinjava.el.JinjavaProcessors;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.tree.Node;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jinjava.javax.el.CompositeELResolver;
import jinjava.javax.el.ELResolver;
import org.jspecify.annotations.Nullable;

/**
 * A Jinja template under the settings that transformers uses for chat templates: blocks trimmed,
 * nothing escaped, {@code raise_exception}, {@code strftime_now} and the {@code generation} block.
 * Jinja in values is not interpreted. Bounded in output and time. Safe for use by several threads.
 */
final class JinjaTemplate {
  private static final long OUTPUT_BYTES_MAX = 16 << 20;
  private static final Duration TIME_MAX = Duration.ofSeconds(2);
  // Nested blocks and macro calls; the deepest published chat templates stay below 20.
  private static final int DEPTH_MAX = 100;

  // Nanoseconds of System.nanoTime at which the rendering on this thread gives up.
  private static final ScopedValue<Long> DEADLINE = ScopedValue.newInstance();

  private static final Jinjava JINJAVA = jinjava();

  private final TemplateSource source;

  /** Refuses a template that uses what Jinjava would pass over without a word. */
  JinjaTemplate(TemplateSource source) {
    TemplateCheck.check(source.jinja(), JINJAVA.getGlobalContext());
    this.source = source;
  }

  /** The template with these variables beside the special tokens. */
  String render(Map<String, Object> variables) {
    Map<String, Object> all = new HashMap<>(source.variables());
    all.putAll(variables);
    RenderResult result =
        ScopedValue.where(DEADLINE, System.nanoTime() + TIME_MAX.toNanos())
            .call(() -> JINJAVA.renderForResult(source.jinja(), all));
    if (!result.getErrors().isEmpty()) {
      throw failure(result.getErrors());
    }
    return result.getOutput();
  }

  private static TrimtabException failure(List<TemplateError> errors) {
    for (TemplateError error : errors) {
      RefusedByTemplate refusal = refusal(error.getException());
      if (refusal != null) {
        return TrimtabException.invalid(
            "The model's chat template refuses the conversation: " + refusal.getMessage());
      }
    }
    for (TemplateError error : errors) {
      if (error.getReason() == TemplateError.ErrorReason.OUTPUT_TOO_BIG) {
        return TrimtabException.invalid(
            "The conversation is longer than %d bytes".formatted(OUTPUT_BYTES_MAX));
      }
    }
    TemplateError first = errors.getFirst();
    return new TrimtabException(
        ErrorCode.FAILED_PRECONDITION,
        "The model's chat template failed in line %d: %s"
            .formatted(first.getLineno(), first.getMessage()),
        first.getException());
  }

  private static @Nullable RefusedByTemplate refusal(@Nullable Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof RefusedByTemplate refusal) {
        return refusal;
      }
    }
    return null;
  }

  private static Jinjava jinjava() {
    JinjavaConfig config =
        JinjavaConfig.newBuilder()
            .withTrimBlocks(true)
            .withLstripBlocks(true)
            // Jinjava strips the output's newline; Jinja the template's, see TemplateSource.
            .withKeepTrailingNewline(true)
            .withNestedInterpretationEnabled(false)
            .withMaxOutputSize(OUTPUT_BYTES_MAX)
            .withMaxRenderDepth(DEPTH_MAX)
            .withLegacyOverrides(asJinja())
            .withElResolver(values())
            .withProcessors(
                JinjavaProcessors.newBuilder().withNodePreProcessor(new Deadline()).build())
            .build();
    Jinjava jinjava = new Jinjava(config);
    jinjava.getGlobalContext().registerTag(new GenerationTag());
    jinjava
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition(
                "", "raise_exception", TemplateFunctions.class, "raiseException", String.class));
    jinjava
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition(
                "", "strftime_now", TemplateFunctions.class, "strftimeNow", String.class));
    return jinjava;
  }

  private static ELResolver values() {
    CompositeELResolver values = new CompositeELResolver();
    values.add(new PythonStrings());
    values.add(JinjavaInterpreterResolver.DEFAULT_RESOLVER_READ_ONLY);
    return values;
  }

  /** Every behaviour of Jinja's own, save that Jinja does not ask for spaces inside braces. */
  private static LegacyOverrides asJinja() {
    return LegacyOverrides.newBuilder()
        .withEvaluateMapKeys(true)
        .withIterateOverMapKeys(true)
        .withUsePyishObjectMapper(true)
        .withUseSnakeCasePropertyNaming(true)
        .withUseNaturalOperatorPrecedence(true)
        .withParseWhitespaceControlStrictly(true)
        .withAllowAdjacentTextNodes(true)
        .withUseTrimmingForNotesAndExpressions(true)
        .withKeepNullableLoopValues(true)
        .withHandleBackslashInQuotesOnly(true)
        .build();
  }

  /** Ends a rendering that takes too long, before its next node. */
  private static final class Deadline extends JinjavaNodePreProcessor {
    @Override
    public void accept(Node node, JinjavaInterpreter interpreter) {
      super.accept(node, interpreter);
      if (DEADLINE.isBound() && System.nanoTime() - DEADLINE.get() > 0) {
        throw new RefusedByTemplate("it takes longer than %d s".formatted(TIME_MAX.toSeconds()));
      }
    }
  }
}
