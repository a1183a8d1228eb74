package io.trimtab.serving.tracing;

import static io.opentelemetry.api.common.AttributeKey.doubleKey;
import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringArrayKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;

import io.opentelemetry.api.common.AttributeKey;
import java.util.List;

/**
 * Names of attributes: OpenTelemetry's for generative AI where it has one, vLLM's for latencies (in
 * seconds), {@code trimtab.*} for the rest.
 */
final class TraceNames {
  static final AttributeKey<String> OPERATION = stringKey("gen_ai.operation.name");
  static final AttributeKey<String> PROVIDER = stringKey("gen_ai.provider.name");
  static final AttributeKey<String> OUTPUT_TYPE = stringKey("gen_ai.output.type");
  static final AttributeKey<String> REQUEST_MODEL = stringKey("gen_ai.request.model");
  static final AttributeKey<Long> MAX_TOKENS = longKey("gen_ai.request.max_tokens");
  static final AttributeKey<Double> TEMPERATURE = doubleKey("gen_ai.request.temperature");
  static final AttributeKey<Double> TOP_P = doubleKey("gen_ai.request.top_p");
  static final AttributeKey<Double> TOP_K = doubleKey("gen_ai.request.top_k");
  static final AttributeKey<Double> FREQUENCY_PENALTY =
      doubleKey("gen_ai.request.frequency_penalty");
  static final AttributeKey<Double> PRESENCE_PENALTY = doubleKey("gen_ai.request.presence_penalty");
  static final AttributeKey<Long> SEED = longKey("gen_ai.request.seed");
  static final AttributeKey<List<String>> STOP_SEQUENCES =
      stringArrayKey("gen_ai.request.stop_sequences");
  static final AttributeKey<String> RESPONSE_MODEL = stringKey("gen_ai.response.model");
  static final AttributeKey<String> RESPONSE_ID = stringKey("gen_ai.response.id");
  static final AttributeKey<List<String>> FINISH_REASONS =
      stringArrayKey("gen_ai.response.finish_reasons");
  static final AttributeKey<Long> INPUT_TOKENS = longKey("gen_ai.usage.input_tokens");
  static final AttributeKey<Long> OUTPUT_TOKENS = longKey("gen_ai.usage.output_tokens");
  static final AttributeKey<Long> CACHED_TOKENS = longKey("gen_ai.usage.cache_read.input_tokens");
  static final AttributeKey<String> ERROR_TYPE = stringKey("error.type");

  static final AttributeKey<String> REQUEST_ID = stringKey("gen_ai.request.id");
  static final AttributeKey<Double> TIME_IN_QUEUE = doubleKey("gen_ai.latency.time_in_queue");
  static final AttributeKey<Double> TIME_TO_FIRST_TOKEN =
      doubleKey("gen_ai.latency.time_to_first_token");
  static final AttributeKey<Double> TIME_IN_PREFILL =
      doubleKey("gen_ai.latency.time_in_model_prefill");
  static final AttributeKey<Double> TIME_IN_DECODE =
      doubleKey("gen_ai.latency.time_in_model_decode");
  static final AttributeKey<Double> END_TO_END = doubleKey("gen_ai.latency.e2e");

  static final AttributeKey<String> TENANT = stringKey("trimtab.tenant");
  static final AttributeKey<String> ADAPTER = stringKey("trimtab.adapter");
  static final AttributeKey<Long> REVISION = longKey("trimtab.revision");
  static final AttributeKey<String> DIGEST = stringKey("trimtab.digest");
  static final AttributeKey<Double> SCALE = doubleKey("trimtab.scale");
  static final AttributeKey<Long> PICTURES = longKey("trimtab.pictures");
  static final AttributeKey<Long> IMAGE_TOKENS = longKey("trimtab.image_tokens");
  static final AttributeKey<Long> STEPS = longKey("trimtab.steps");
  static final AttributeKey<Double> BATCH_SIZE_MEAN = doubleKey("trimtab.batch_size.mean");
  static final AttributeKey<Long> BATCH_SIZE_MAX = longKey("trimtab.batch_size.max");
  static final AttributeKey<Double> STEP_LONGEST = doubleKey("trimtab.step.longest");

  static final AttributeKey<String> JOB_ID = stringKey("trimtab.job.id");
  static final AttributeKey<String> JOB_STATE = stringKey("trimtab.job.state");
  static final AttributeKey<String> RECIPE = stringKey("trimtab.job.recipe");
  static final AttributeKey<String> TRIGGER = stringKey("trimtab.job.trigger");
  static final AttributeKey<Long> EXAMPLES = longKey("trimtab.job.examples");
  static final AttributeKey<Long> UPDATES = longKey("trimtab.job.updates");
  static final AttributeKey<Double> VALIDATION_LOSS = doubleKey("trimtab.job.validation_loss");
  static final AttributeKey<String> VERDICT = stringKey("trimtab.gate.verdict");

  static final AttributeKey<String> ACTION = stringKey("trimtab.governor.action");
  static final AttributeKey<String> OUTCOME = stringKey("trimtab.governor.outcome");
  static final AttributeKey<String> REASON = stringKey("trimtab.governor.reason");
  static final AttributeKey<String> DRIFT_METRIC = stringKey("trimtab.drift.metric");
  static final AttributeKey<String> DRIFT_LEVEL = stringKey("trimtab.drift.level");

  static final String PROVIDER_NAME = "trimtab";

  private TraceNames() {}
}
