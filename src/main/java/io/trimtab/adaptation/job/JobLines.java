package io.trimtab.adaptation.job;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.GateReport;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.LineName;
import io.trimtab.store.ObjectStore;
import io.trimtab.store.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Jobs as lines of versions in the store. An adapter's turns are a line of their own: its version n
 * is the id of the adapter's n-th job, so that no two processes ever start the same one.
 */
final class JobLines {
  private static final String JOBS = "jobs";
  private static final String TURNS = "job-turns";
  private static final String ORDERS = "job-orders";
  private static final String TAKES = "job-takes";

  private static final ObjectMapper JSON =
      StrictJson.builder()
          .withConfigOverride(
              GateReport.class,
              gate -> gate.setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.SET, Nulls.FAIL)))
          .build();

  private final ObjectStore store;

  /** Those that were read; one that is taken is so for good. */
  /** As many as there are jobs, which never change. */
  private final Map<Turn, String> turns = new ConcurrentHashMap<>();

  private record Turn(AdapterId adapter, long number) {}

  JobLines(ObjectStore store) {
    this.store = store;
  }

  static LineName line(String jobId) {
    return LineName.of(JOBS, jobId);
  }

  List<LineName> all() {
    return store.lines(JOBS);
  }

  /** Writes what is asked of a job that is to be. */
  void order(String jobId, JobOrder order) {
    try {
      if (!store.putIfAbsent(LineName.of(ORDERS, jobId), 1, JSON.writeValueAsBytes(order))) {
        throw new IllegalStateException("A new job's id is taken: " + jobId);
      }
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What was asked of a job; empty for one that began by itself or asked for nothing. */
  Optional<JobOrder> order(String jobId) {
    return store
        .read(LineName.of(ORDERS, jobId), 1)
        .map(contents -> parsed("The order of the job " + jobId, contents, JobOrder.class));
  }

  /** How often a job was taken in a row, as it is now. */
  JobTakes takes(String jobId) {
    LineName line = LineName.of(TAKES, jobId);
    long latest = store.latest(line);
    return latest == 0
        ? JobTakes.NONE
        : store
            .read(line, latest)
            .map(contents -> parsed("The takes of the job " + jobId, contents, JobTakes.class))
            .orElse(JobTakes.NONE);
  }

  /** Writes that version; false when it is there, whoever wrote it. */
  boolean append(String jobId, JobTakes takes) {
    try {
      return store.putIfAbsent(
          LineName.of(TAKES, jobId), takes.version(), JSON.writeValueAsBytes(takes));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many jobs the adapter has had. */
  long turns(AdapterId adapter) {
    return store.latest(turnsOf(adapter));
  }

  /** The id of the adapter's n-th job. */
  Optional<String> turn(AdapterId adapter, long number) {
    Turn turn = new Turn(adapter, number);
    String known = turns.get(turn);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<String> read =
        store
            .read(turnsOf(adapter), number)
            .map(bytes -> new String(bytes, StandardCharsets.US_ASCII));
    read.ifPresent(id -> turns.put(turn, id));
    return read;
  }

  /** Takes the adapter's n-th turn; false when another was first. */
  boolean take(AdapterId adapter, long number, String jobId) {
    return store.putIfAbsent(turnsOf(adapter), number, jobId.getBytes(StandardCharsets.US_ASCII));
  }

  private static LineName turnsOf(AdapterId adapter) {
    return LineName.of(TURNS, adapter.tenant(), adapter.name());
  }

  long latest(LineName line) {
    return store.latest(line);
  }

  Optional<TuningJob> read(LineName line, long version) {
    return store
        .read(line, version)
        .map(
            contents ->
                parsed(
                    "The job at %s/%s".formatted(line.kind(), line.digest()),
                    contents,
                    TuningJob.class));
  }

  /** Writes a version; false when another writer was first. */
  boolean append(TuningJob job) {
    try {
      return store.putIfAbsent(line(job.id()), job.version(), JSON.writeValueAsBytes(job));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T> T parsed(String what, byte[] contents, Class<T> type) {
    try {
      return JSON.readValue(contents, type);
    } catch (IOException e) {
      throw new TrimtabException(
          ErrorCode.INTERNAL, "%s cannot be read: %s".formatted(what, e.getMessage()), e);
    }
  }
}
