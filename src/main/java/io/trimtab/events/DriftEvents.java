package io.trimtab.events;

import java.nio.charset.StandardCharsets;

/**
 * Drift signals and what was done about them, for whoever watches: sent and forgotten. What does
 * not fit the bound of what is under way, or does not arrive, is lost; the adapter keeps its
 * latest. Any thread; returns at once.
 */
public final class DriftEvents {
  private static final String TYPE = "io.trimtab.drift.v1";

  private final String topic;
  private final EventRecords records;
  private final RecordSender sender;

  DriftEvents(String topic, EventRecords records, RecordSender sender) {
    this.topic = topic;
    this.records = records;
    this.sender = sender;
  }

  /**
   * Tells of a signal.
   *
   * @param id of this event, another for each
   * @param json an object that names the adapter
   */
  public void tell(String tenant, String id, String json) {
    byte[] data = json.getBytes(StandardCharsets.UTF_8);
    var _ = sender.send(data.length, () -> records.write(topic, tenant, TYPE, id, data));
  }
}
