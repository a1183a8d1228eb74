package io.trimtab.tensor;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.ndarray.NDArray;
import com.hubspot.jinjava.Jinjava;
import inference.InferParameter;
import io.grpc.Channel;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.trace.Tracer;
import io.quarkus.runtime.Quarkus;
import io.smallrye.mutiny.Uni;
import io.trimtab.cli.PointsBack;
import io.trimtab.engine.scheduling.StepLoop;
import io.trimtab.v1.Sampling;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import picocli.CommandLine;

/** A class of the lowest package that reaches for everything; the wall test has to see it all. */
public final class BreaksTheWalls {
  @Nullable PointsBack upwards;
  @Nullable HuggingFaceTokenizer tokenizer;
  @Nullable NDArray array;
  @Nullable Jinjava template;
  @Nullable Channel channel;
  @Nullable Uni<String> promise;
  @Nullable Sampling stub;
  @Nullable InferParameter openStub;
  @Nullable CommandLine line;
  @Nullable TopicPartition part;
  @Nullable MeterRegistry meters;
  @Nullable XYChart chart;
  @Nullable Tracer tracer;
  @Nullable StepLoop loop;

  List<String> readers() {
    Quarkus.waitForExit();
    return List.of(ImageIO.getReaderFormatNames());
  }
}
