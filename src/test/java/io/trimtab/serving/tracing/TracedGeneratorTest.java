package io.trimtab.serving.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.Completion.FinishReason;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.Generator;
import io.trimtab.engine.api.RawPrompt;
import io.trimtab.engine.api.RequestOrigin;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.SamplingParameters.EndTokens;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TraceContext;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.testing.FakeEngine;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told of requests, close to the engine. */
class TracedGeneratorTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String CALLER = "00f067aa0ba902b7";
  private static final ServedBy BIRDS = new ServedBy("fake", "0", "birds", 3, "d1", 0.7f);

  private final FakeEngine engine = FakeEngine.silent();
  private final RecordedSpans spans = new RecordedSpans();
  private final Generator generator = spans.tracing().requests(engine, engine);

  @Test
  void aRequestIsASpanBelowItsCallersWithWhatItAskedAndGot() throws Exception {
    FakeEngine.Taken taken = ask(request("acme", "birds").from(traced("01")));
    answer(taken, BIRDS);
    SpanData span = spans.named("chat birds");
    assertThat(span.getTraceId()).isEqualTo(TRACE);
    assertThat(span.getParentSpanId()).isEqualTo(CALLER);
    assertThat(span.getKind()).isEqualTo(SpanKind.SERVER);
    assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    assertThat(told(span))
        .containsEntry("gen_ai.operation.name", "chat")
        .containsEntry("gen_ai.provider.name", "trimtab")
        .containsEntry("gen_ai.request.model", "birds")
        .containsEntry("gen_ai.request.id", "r")
        .containsEntry("gen_ai.request.max_tokens", 16L)
        .containsEntry("gen_ai.request.temperature", 0.7)
        .containsEntry("gen_ai.request.top_p", 0.9)
        .containsEntry("gen_ai.request.top_k", 5.0)
        .containsEntry("gen_ai.request.frequency_penalty", 0.5)
        .containsEntry("gen_ai.request.presence_penalty", -0.5)
        .containsEntry("gen_ai.request.seed", 11L)
        .containsEntry("gen_ai.request.stop_sequences", List.of("\n"))
        .containsEntry("gen_ai.output.type", "text")
        .containsEntry("gen_ai.response.id", "p-1")
        .containsEntry("gen_ai.response.model", "birds@3")
        .containsEntry("gen_ai.response.finish_reasons", List.of("length"))
        .containsEntry("gen_ai.usage.input_tokens", 12L)
        .containsEntry("gen_ai.usage.output_tokens", 4L)
        .containsEntry("gen_ai.usage.cache_read.input_tokens", 3L)
        .containsEntry("gen_ai.latency.time_in_queue", 0.006)
        .containsEntry("gen_ai.latency.time_to_first_token", 0.025)
        .containsEntry("gen_ai.latency.time_in_model_prefill", 0.014)
        .containsEntry("gen_ai.latency.time_in_model_decode", 0.4)
        .containsKey("gen_ai.latency.e2e")
        .containsEntry("trimtab.tenant", "acme")
        .containsEntry("trimtab.adapter", "birds")
        .containsEntry("trimtab.revision", 3L)
        .containsEntry("trimtab.digest", "d1")
        .containsEntry("trimtab.scale", 0.7)
        .containsEntry("trimtab.image_tokens", 9L)
        .doesNotContainKey("error.type");
    assertThat(span.getEvents())
        .extracting(EventData::getName)
        .containsExactly("admitted", "first token");
  }

  @Test
  void itsPhasesFollowEachOtherFromItsBeginning() throws Exception {
    FakeEngine.Taken taken = ask(request("acme", "birds"));
    taken.listener().started(BIRDS);
    engine.decoded(8, 90_000_000, 2);
    taken.listener().delta("B", List.of());
    engine.decoded(2, 1_000_000, 1);
    engine.decoded(4, 3_000_000, 2);
    taken.listener().finished(completion());
    SpanData span = spans.named("chat birds");
    List<SpanData> phases = spans.below(span);
    assertThat(phases)
        .extracting(SpanData::getName)
        .containsExactly("intake", "read", "encode pictures", "queue", "prefill", "decode");
    assertThat(phases)
        .extracting(phase -> (phase.getEndEpochNanos() - phase.getStartEpochNanos()) / 1_000)
        .containsExactly(1_000L, 2_000L, 3_000L, 5_000L, 14_000L, 400_000L);
    long time = span.getStartEpochNanos();
    for (SpanData phase : phases) {
      assertThat(phase.getStartEpochNanos()).as(phase.getName()).isEqualTo(time);
      time = phase.getEndEpochNanos();
    }
    assertThat(told(phases.get(4)))
        .containsEntry("gen_ai.usage.input_tokens", 12L)
        .containsEntry("gen_ai.usage.cache_read.input_tokens", 3L);
    // The steps before its first token were others'.
    assertThat(told(phases.getLast()))
        .containsEntry("gen_ai.usage.output_tokens", 4L)
        .containsEntry("trimtab.steps", 3L)
        .containsEntry("trimtab.batch_size.mean", 10.0 / 3)
        .containsEntry("trimtab.batch_size.max", 4L)
        .containsEntry("trimtab.step.longest", 0.003);
  }

  @Test
  void twoTenantsInOneBatchHaveATraceEach() throws Exception {
    FakeEngine.Taken acme = ask(request("acme", "birds"));
    FakeEngine.Taken globex = ask(request("globex", "clocks"));
    acme.listener().started(BIRDS);
    globex.listener().started(new ServedBy("fake", "0", "clocks", 1, "d2", 1));
    acme.listener().delta("B", List.of());
    globex.listener().delta("C", List.of());
    globex.listener().finished(completion());
    acme.listener().finished(completion());
    SpanData birds = spans.named("chat birds");
    SpanData clocks = spans.named("chat clocks");
    assertThat(birds.getTraceId()).isNotEqualTo(clocks.getTraceId());
    assertThat(told(birds)).containsEntry("trimtab.tenant", "acme");
    assertThat(told(clocks)).containsEntry("trimtab.tenant", "globex");
    assertThat(spans.below(birds))
        .hasSize(6)
        .extracting(SpanData::getTraceId)
        .containsOnly(birds.getTraceId());
    assertThat(spans.below(clocks))
        .hasSize(6)
        .extracting(SpanData::getTraceId)
        .containsOnly(clocks.getTraceId());
  }

  /** Whatever is logged of it says where to find it, whoever began the trace. */
  @Test
  void theEngineKnowsTheRequestByItsSpan() throws Exception {
    FakeEngine.Taken taken = ask(request("acme", "birds"));
    answer(taken, BIRDS);
    SpanData span = spans.named("chat birds");
    assertThat(taken.request().origin().trace().parent())
        .isEqualTo("00-%s-%s-01".formatted(span.getTraceId(), span.getSpanId()));
    assertThat(taken.request().origin().answerId()).isEqualTo("p-1");
  }

  @ParameterizedTest
  @CsvSource({
    "NOT_FOUND, not_found, UNSET",
    "INVALID_ARGUMENT, invalid_argument, UNSET",
    "CANCELLED, cancelled, UNSET",
    "DEADLINE_EXCEEDED, deadline_exceeded, ERROR",
    "RESOURCE_EXHAUSTED, resource_exhausted, ERROR",
    "INTERNAL, internal, ERROR",
  })
  void aFailureHasItsTypeAndIsAnErrorWhereItIsTheServers(
      ErrorCode code, String type, StatusCode status) throws Exception {
    TrimtabException reason = new TrimtabException(code, "It says why");
    ask(request("acme", "birds")).listener().failed(reason);
    engine.script(
        (_, _) -> {
          throw reason;
        });
    assertThatThrownBy(() -> ask(request("acme", "birds"))).isSameAs(reason);
    assertThat(spans.all()).hasSize(2);
    for (SpanData span : spans.all()) {
      assertThat(told(span)).containsEntry("error.type", type);
      assertThat(span.getStatus().getStatusCode()).isEqualTo(status);
      assertThat(span.getStatus().getDescription())
          .isEqualTo(status == StatusCode.ERROR ? "It says why" : "");
    }
  }

  @Test
  void nothingThatWasSaidIsTold() throws Exception {
    FakeEngine.Taken taken = ask(request("acme", "birds"));
    answer(taken, BIRDS);
    ask(request("acme", "birds"))
        .listener()
        .failed(TrimtabException.invalid("'What wing is it?' is too long"));
    assertThat(spans.all()).hasSize(8);
    assertThat(spans.all().toString()).doesNotContain("wing").doesNotContain("Blue");
  }

  @Test
  void whatItsCallerDoesNotTraceIsNotTracedAndHasItsIdInTheLogAllTheSame() throws Exception {
    FakeEngine.Taken taken = ask(request("acme", "birds").from(traced("00")));
    answer(taken, BIRDS);
    assertThat(spans.all()).isEmpty();
    assertThat(taken.request().origin().trace().traceId()).contains(TRACE);
  }

  @Test
  void aPromptThatIsNoConversationIsTextCompletionOfTheModel() throws Exception {
    GenerationRequest request =
        new GenerationRequest(
                "r", "acme", "", List.of(), SamplingParameters.greedy(4), Optional.empty())
            .continuing(new RawPrompt.Tokens(List.of(1, 2)));
    answer(ask(request), FakeEngine.SERVED_BY);
    assertThat(told(spans.named("text_completion fake")))
        .containsEntry("gen_ai.response.model", "fake")
        .containsEntry("trimtab.adapter", "base")
        .doesNotContainKey("trimtab.digest");
  }

  /** Not even a call more. */
  @Test
  void offIsOutOfTheWay() {
    assertThat(Tracing.off().requests(engine, engine)).isSameAs(engine);
  }

  private FakeEngine.Taken ask(GenerationRequest request) throws InterruptedException {
    var _ = generator.generate(request, new Ignoring());
    return engine.next();
  }

  private static void answer(FakeEngine.Taken taken, ServedBy by) {
    taken.listener().started(by);
    taken.listener().delta("Blue", List.of());
    taken.listener().delta(" one", List.of());
    taken.listener().finished(completion());
  }

  private static Completion completion() {
    return new Completion(
        FinishReason.LENGTH,
        "Blue one",
        new Completion.Usage(12, 9, 4, 3),
        new Completion.Timings(6_000, 2_000, 3_000, 14_000, 400_000, 1_000));
  }

  private static RequestOrigin traced(String flags) {
    return new RequestOrigin(
        TraceContext.read("00-%s-%s-%s".formatted(TRACE, CALLER, flags), null), "p-1");
  }

  private static GenerationRequest request(String tenant, String adapter) {
    return new GenerationRequest(
            "r",
            tenant,
            adapter,
            List.of(new ChatMessage(Role.USER, List.of(new TextPart("What wing is it?")))),
            new SamplingParameters(
                16,
                0.7f,
                0.9f,
                5,
                0,
                1,
                -0.5f,
                0.5f,
                Map.of(),
                OptionalLong.of(11),
                List.of("\n"),
                List.of(),
                0,
                EndTokens.STOP,
                0),
            Optional.empty())
        .from(new RequestOrigin(TraceContext.NONE, "p-1"));
  }

  private static Map<String, Object> told(SpanData span) {
    return span.getAttributes().asMap().entrySet().stream()
        .collect(
            java.util.stream.Collectors.toMap(each -> each.getKey().getKey(), Map.Entry::getValue));
  }

  private static final class Ignoring implements GenerationListener {
    @Override
    public void started(ServedBy servedBy) {}

    @Override
    public void delta(String text, List<io.trimtab.engine.api.TokenLogprob> logprobs) {}

    @Override
    public void finished(Completion completion) {}

    @Override
    public void failed(TrimtabException reason) {}
  }
}
