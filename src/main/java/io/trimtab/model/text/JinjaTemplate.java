package io.trimtab.model.text;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.el.JinjavaInterpreterResolver;
import com.hubspot.jinjava.el.JinjavaNodePreProcessor;
import com.hubspot.jinjava.el.JinjavaProcessors;
import com.hubspot.jinjava.interpret.InterpretException;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.tree.Node;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.Serial;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
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

  /** The first renderings load what they need, which takes seconds on a machine that is busy. */
  private static final Duration FIRST_TIME_MAX = Duration.ofSeconds(10);

  // Nested blocks and macro calls; the deepest published chat templates stay below 20.
  private static final int DEPTH_MAX = 100;

  /** By the clock, however little of it was spent computing: the thread is others' as well. */
  private static final Duration CLOCK_MAX = Duration.ofSeconds(30);

  /**
   * How long the rendering on this thread may take. Templates wait for nothing, so it is the time
   * that they compute: on a machine whose cores are others', a sound one may take long by the
   * clock.
   */
  private record TimeLimit(
      long startNanos, long startCpuNanos, Duration timeMax, Duration clockMax) {
    static TimeLimit of(Duration timeMax, Duration clockMax) {
      return new TimeLimit(System.nanoTime(), cpuNanos(), timeMax, clockMax);
    }

    boolean isOver() {
      long elapsed = System.nanoTime() - startNanos;
      if (elapsed <= timeMax.toNanos()) {
        return false;
      }
      long cpu = startCpuNanos < 0 ? -1 : cpuNanos();
      long computed = cpu < 0 ? elapsed : cpu - startCpuNanos;
      return computed > timeMax.toNanos() || elapsed > clockMax.toNanos();
    }

    /** Below 0 where the JVM does not count it: for virtual threads the clock has to do. */
    private static long cpuNanos() {
      return Thread.currentThread().isVirtual() || !THREADS.isCurrentThreadCpuTimeSupported()
          ? -1
          : THREADS.getCurrentThreadCpuTime();
    }
  }

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private static final ScopedValue<TimeLimit> TIME_LIMIT = ScopedValue.newInstance();

  private static final Jinjava JINJAVA = jinjava();

  private final TemplateSource source;

  /** Refuses a template that uses what Jinjava would pass over without a word. */
  JinjaTemplate(TemplateSource source) {
    TemplateCheck.check(source.jinja(), JINJAVA.getGlobalContext());
    this.source = source;
  }

  /** The template with these variables beside the special tokens. */
  String render(Map<String, Object> variables) {
    return render(variables, TIME_MAX, CLOCK_MAX);
  }

  /** The same while a model is opened: nobody waits for an answer. */
  String renderFirst(Map<String, Object> variables) {
    return render(variables, FIRST_TIME_MAX, CLOCK_MAX);
  }

  /**
   * The same within other limits.
   *
   * @param timeMax of what it computes
   * @param clockMax by the clock
   */
  String render(Map<String, Object> variables, Duration timeMax, Duration clockMax) {
    Map<String, Object> all = new HashMap<>(source.variables());
    all.putAll(variables);
    RenderResult result =
        ScopedValue.where(TIME_LIMIT, TimeLimit.of(timeMax, clockMax))
            .call(() -> JINJAVA.renderForResult(source.jinja(), all));
    if (!result.getErrors().isEmpty()) {
      throw failure(result.getErrors());
    }
    return result.getOutput();
  }

  private static TrimtabException failure(List<TemplateError> errors) {
    for (TemplateError error : errors) {
      RenderedTooLong late = cause(error.getException(), RenderedTooLong.class);
      if (late != null) {
        return new TrimtabException(
            ErrorCode.DEADLINE_EXCEEDED,
            "The model's chat template takes longer than %d s".formatted(late.timeMax.toSeconds()));
      }
      RefusedByTemplate refusal = cause(error.getException(), RefusedByTemplate.class);
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

  private static <T extends Throwable> @Nullable T cause(
      @Nullable Throwable thrown, Class<T> type) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return type.cast(cause);
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
                JinjavaProcessors.newBuilder().withNodePreProcessor(new EndsInTime()).build())
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

  private static final class RenderedTooLong extends InterpretException {
    @Serial private static final long serialVersionUID = 1;

    private final Duration timeMax;

    RenderedTooLong(Duration timeMax) {
      super("Rendering takes longer than " + timeMax);
      this.timeMax = timeMax;
    }
  }

  /** Ends a rendering that takes too long, before its next node. */
  private static final class EndsInTime extends JinjavaNodePreProcessor {
    @Override
    public void accept(Node node, JinjavaInterpreter interpreter) {
      super.accept(node, interpreter);
      if (TIME_LIMIT.isBound() && TIME_LIMIT.get().isOver()) {
        throw new RenderedTooLong(TIME_LIMIT.get().timeMax());
      }
    }
  }
}
