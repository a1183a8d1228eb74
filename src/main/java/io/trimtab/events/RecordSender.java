package io.trimtab.events;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Sends records in the order in which it is told: an idempotent producer that waits for all copies,
 * and the thread that owns it. Any thread may send and none waits. What is under way is bounded in
 * bytes, but for one record alone, and in time by the append timeout. A producer that was refused a
 * login, or has not sent anything yet, is another after a failure.
 *
 * <p>A record for a topic that is not there holds up those behind it for the append timeout, so
 * what may be lost and what may not have a sender each.
 */
final class RecordSender implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(RecordSender.class.getName());
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  private final String name;
  private final ClientProperties properties;
  private final EventLimits limits;
  private final LinkedBlockingQueue<Order> orders = new LinkedBlockingQueue<>();
  private final AtomicLong inFlightBytes = new AtomicLong();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread thread;

  /** Topics whose latest record that ended was not acknowledged. */
  private final Set<String> failing = ConcurrentHashMap.newKeySet();

  /** The thread's own. */
  private @Nullable OpenProducer producer;

  /**
   * A sender that is not started yet.
   *
   * @param name of its client and thread
   */
  RecordSender(String name, ClientProperties properties, EventLimits limits) {
    this.name = name;
    this.properties = properties;
    this.limits = limits;
    this.thread = Thread.ofPlatform().daemon().name(name + " sender").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /**
   * Sends a record. Completes on a virtual thread, when the copies are acknowledged; exceptionally
   * with a TrimtabException: RESOURCE_EXHAUSTED at once when too much else is under way,
   * INVALID_ARGUMENT for a record that is too large, UNAVAILABLE where it is not acknowledged in
   * time, and what the supplier throws.
   *
   * @param bytes about as many as the record has
   * @param record made on the sender's thread, which may block on the disk
   */
  CompletableFuture<RecordMetadata> send(
      long bytes, Supplier<ProducerRecord<byte[], byte[]>> record) {
    Order order = new Order(bytes, record);
    if (closed.get()) {
      return CompletableFuture.failedFuture(stopping());
    }
    long under = inFlightBytes.addAndGet(bytes);
    // One that is alone is let through whatever it takes: later it would take as much.
    if (under > limits.inFlightBytesMax() && under > bytes) {
      inFlightBytes.addAndGet(-bytes);
      return CompletableFuture.failedFuture(
          new TrimtabException(
              ErrorCode.RESOURCE_EXHAUSTED,
              "%d bytes wait for the broker, expected at most %d: send again later"
                  .formatted(under, limits.inFlightBytesMax())));
    }
    orders.add(order);
    if (closed.get()) {
      order.fail(stopping());
    }
    return order.result();
  }

  /** The largest value that is tried; a topic may take less. */
  int valueBytesMax() {
    return limits.recordBytesMax();
  }

  /** Bytes that are under way. */
  long inFlightBytes() {
    return inFlightBytes.get();
  }

  /** Takes nothing more; {@link #close} waits for what it was told so far. */
  void beginClose() {
    if (!closed.getAndSet(true)) {
      orders.add(new Order(0, RecordSender::nothing));
    }
  }

  /** Sends what it was told so far, waits a little for the broker, and gives up on the rest. */
  @Override
  public void close() {
    beginClose();
    try {
      if (!thread.join(CLOSE_WAIT.plus(limits.appendTimeout()))) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!(closed.get() && orders.isEmpty())) {
        Order order = orders.take();
        if (order.isWanted()) {
          send(order);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closed.set(true);
      orders.forEach(order -> order.fail(stopping()));
      if (producer != null) {
        producer.close(CLOSE_WAIT);
      }
    }
  }

  private void send(Order order) {
    try {
      send(order, order.record().get());
    } catch (RuntimeException e) {
      order.fail(KafkaFailure.of(e));
    } catch (OutOfMemoryError e) {
      order.fail(
          new TrimtabException(
              ErrorCode.RESOURCE_EXHAUSTED,
              "The memory does not do for a record of about %d bytes: %s"
                  .formatted(order.bytes, KafkaFailure.reason(e)),
              e));
    } catch (Error e) {
      // This order's alone: the thread is everybody's.
      order.fail(new TrimtabException(ErrorCode.INTERNAL, "A record could not be made: " + e, e));
    }
  }

  private void send(Order order, ProducerRecord<byte[], byte[]> record) {
    try {
      producer()
          .send(
              record,
              (metadata, failure) -> {
                if (failure == null) {
                  works(record.topic());
                  order.done(metadata);
                } else {
                  order.fail(failed(record.topic(), failure));
                }
              });
    } catch (KafkaException e) {
      throw failed(record.topic(), e);
    }
  }

  /** One that still may work, or another, which reads what it logs in by anew. */
  private OpenProducer producer() {
    OpenProducer now = producer;
    if (now != null && now.isSpent()) {
      producer = null;
      now.close(Duration.ZERO);
      now = null;
    }
    if (now == null) {
      now = new OpenProducer(properties.producer(name));
      producer = now;
    }
    return now;
  }

  private TrimtabException failed(String topic, Exception failure) {
    TrimtabException meaning = KafkaFailure.of(failure);
    if (meaning.code() == ErrorCode.UNAVAILABLE && !closed.get() && failing.add(topic)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Records for {0} can''t be sent; each that comes is tried: {1}",
          topic,
          meaning.getMessage());
    }
    return meaning;
  }

  private void works(String topic) {
    if (failing.remove(topic)) {
      LOG.log(System.Logger.Level.INFO, "Records for {0} are sent again", topic);
    }
  }

  private static ProducerRecord<byte[], byte[]> nothing() {
    throw stopping();
  }

  private static TrimtabException stopping() {
    return new TrimtabException(ErrorCode.UNAVAILABLE, "The server is stopping");
  }

  /** One record on its way. */
  private final class Order {
    private final long bytes;
    private final Supplier<ProducerRecord<byte[], byte[]>> record;
    private final CompletableFuture<RecordMetadata> result = new CompletableFuture<>();

    /** Set once, when its bytes are no longer held. */
    private final AtomicBoolean released = new AtomicBoolean();

    Order(long bytes, Supplier<ProducerRecord<byte[], byte[]>> record) {
      this.bytes = bytes;
      this.record = record;
    }

    Supplier<ProducerRecord<byte[], byte[]>> record() {
      return record;
    }

    /** What the caller sees: as the record ends, or UNAVAILABLE after the timeout. */
    CompletableFuture<RecordMetadata> result() {
      CompletableFuture<RecordMetadata> seen = new CompletableFuture<>();
      result
          .copy()
          .orTimeout(limits.appendTimeout().toMillis(), TimeUnit.MILLISECONDS)
          .whenCompleteAsync(
              (metadata, failure) -> {
                if (failure == null) {
                  seen.complete(metadata);
                } else {
                  result.completeExceptionally(failure);
                  seen.completeExceptionally(KafkaFailure.of(failure));
                }
              },
              task -> Thread.ofVirtual().name("events acknowledged").start(task));
      return seen;
    }

    /** Whether anybody still waits for it; if not, it is over. */
    boolean isWanted() {
      if (result.isDone()) {
        release();
        return false;
      }
      return true;
    }

    void done(RecordMetadata metadata) {
      release();
      result.complete(metadata);
    }

    void fail(TrimtabException failure) {
      release();
      result.completeExceptionally(failure);
    }

    private void release() {
      if (released.compareAndSet(false, true)) {
        inFlightBytes.addAndGet(-bytes);
      }
    }
  }
}
