package io.trimtab.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.events.TuningEvents;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Tells Kafka how jobs go. Any thread; returns at once. */
final class JobTelling implements Consumer<TuningJob> {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Supplier<TuningEvents> events;

  /**
   * @param events asked for when there is something to tell: who opens the jobs need not wait for
   *     the broker
   */
  JobTelling(Supplier<TuningEvents> events) {
    this.events = events;
  }

  @Override
  public void accept(TuningJob job) {
    ObjectNode json = JSON.createObjectNode();
    json.put("job_id", job.id());
    json.put("tenant", job.adapter().tenant());
    json.put("adapter", job.adapter().name());
    json.put("state", job.state().name());
    json.put("recipe", job.recipe());
    json.put("trigger", job.trigger().wireName());
    json.put("step", job.progress().step());
    json.put("steps", job.progress().steps());
    json.put("train_loss", job.progress().trainLoss());
    json.put("validation_loss", job.progress().validationLoss());
    json.put("published_revision", job.publishedRevision());
    json.put("error", job.error());
    events.get().tell(job.adapter().tenant(), UUID.randomUUID().toString(), json.toString());
  }
}
