package io.trimtab.events;

import io.trimtab.adaptation.feedback.FeedbackIntake;
import io.trimtab.adaptation.feedback.FeedbackLog;
import io.trimtab.adaptation.feedback.FeedbackProgress;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterSnapshot;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All that this process has to do with Kafka: the embedded broker where no cluster is named, the
 * topics, and who writes and reads them. With a cluster that is away everything else works, and
 * what is told here waits or says UNAVAILABLE.
 *
 * <p>{@link #start}, {@link #consume} and {@link #close} from one thread; the rest from any.
 */
public final class Events implements AutoCloseable {
  private static final String FOLDER = "kafka";

  private final EventSettings settings;
  private final Clock clock;
  private final @Nullable EmbeddedBroker broker;
  private final String bootstrapServers;
  private final TopicNames names;
  private final ClientProperties properties;
  private final BrokerAdmin admin;
  private final Topics topics;

  /** Of feedback, dead letters and notices: who sends one waits, or tries again. */
  private final RecordSender sender;

  /** Of what is sent and forgotten, which must not hold up the others. */
  private final RecordSender reporter;

  private final EventRecords records;
  private final FeedbackEvents feedbackEvents;
  private final DeadLetters deadLetters;
  private final FeedbackLog feedbackLog;
  private final FeedbackProgress feedbackProgress;
  private final TuningEvents tuningEvents;
  private final DriftEvents driftEvents;
  private @Nullable AdapterNotices notices;
  private volatile @Nullable FeedbackConsumer consumer;

  private Events(
      EventSettings settings,
      @Nullable EmbeddedBroker broker,
      TenantPictures pictures,
      Clock clock) {
    this.settings = settings;
    this.broker = broker;
    this.clock = clock;
    this.bootstrapServers = broker == null ? settings.bootstrapServers() : broker.address();
    this.names = TopicNames.of(settings.topicPrefix());
    this.properties = new ClientProperties(settings, bootstrapServers);
    this.admin = new BrokerAdmin(properties);
    this.topics = new Topics(names, settings, admin);
    this.sender = new RecordSender("events", properties, settings.limits());
    this.reporter = new RecordSender("reports", properties, settings.limits());
    this.records = new EventRecords(settings.source(), clock);
    this.feedbackEvents =
        new FeedbackEvents(
            names.feedback(),
            records,
            new FeedbackMessages(
                new SentPictures(pictures::keepToAppend, pictures::find), settings.limits()),
            settings.limits());
    this.deadLetters = new DeadLetters(names.deadLetters(), sender);
    this.feedbackLog =
        new KafkaFeedbackLog(
            names, feedbackEvents, sender, deadLetters, admin, properties, settings.group());
    this.feedbackProgress =
        new KafkaFeedbackProgress(names.feedback(), settings.group(), admin, clock);
    this.tuningEvents = new TuningEvents(names.tuning(), records, reporter);
    this.driftEvents = new DriftEvents(names.drift(), records, reporter);
  }

  /**
   * Opens all of it, the embedded broker first, which takes seconds.
   *
   * @param data folder below which the embedded broker has its own
   * @throws io.trimtab.error.TrimtabException where the embedded broker does not start
   */
  public static Events start(
      EventSettings settings, Path data, TenantPictures pictures, Clock clock) {
    EmbeddedBroker broker = null;
    if (settings.embedded()) {
      broker = new EmbeddedBroker(data.resolve(FOLDER), settings.embeddedPort());
      broker.start();
    }
    Events events = new Events(settings, broker, pictures, clock);
    events.sender.start();
    events.reporter.start();
    events.topics.start();
    return events;
  }

  /**
   * Begins to tell and to hear of newer versions of adapters.
   *
   * @param newer called for each adapter of which a newer version was heard of; must return at once
   * @param known what is known of all adapters when it is asked for: what nobody was told of, since
   *     who wrote it was killed before, is told then
   */
  public AdapterNotices follow(Consumer<AdapterId> newer, Supplier<List<AdapterSnapshot>> known) {
    AdapterNotices following =
        new AdapterNotices(
            names.adapters(),
            properties,
            records,
            sender,
            settings.limits(),
            settings.group(),
            newer,
            known);
    notices = following;
    following.start();
    return following;
  }

  /**
   * Begins to read feedback.
   *
   * @param kept called after each piece of it that was kept; must return at once
   */
  public FeedbackConsumer consume(FeedbackIntake intake, Runnable kept) {
    FeedbackConsumer reading =
        new FeedbackConsumer(
            names.feedback(),
            properties,
            feedbackEvents,
            deadLetters,
            intake,
            kept,
            settings.limits(),
            clock);
    consumer = reading;
    reading.start();
    return reading;
  }

  /** {@code host:port} of the broker or brokers. */
  public String bootstrapServers() {
    return bootstrapServers;
  }

  /** Why the embedded broker gave up for good; empty while it did not, or where a cluster is. */
  public Optional<String> brokerFailure() {
    return broker == null ? Optional.empty() : broker.failure();
  }

  public FeedbackLog feedbackLog() {
    return feedbackLog;
  }

  /** How far feedback has been read, by whichever process does. */
  public FeedbackProgress feedbackProgress() {
    return feedbackProgress;
  }

  public TuningEvents tuningEvents() {
    return tuningEvents;
  }

  public DriftEvents driftEvents() {
    return driftEvents;
  }

  /** What the reader of feedback does; empty where this process has none. */
  public Optional<ConsumerState> consumerState() {
    return Optional.ofNullable(consumer).map(FeedbackConsumer::state);
  }

  /** Records of feedback that are still to be read here; empty where none is read or none known. */
  public OptionalLong feedbackLag() {
    FeedbackConsumer reading = consumer;
    return reading == null ? OptionalLong.empty() : reading.lag();
  }

  /** Ends all of it, the broker last. */
  @Override
  public void close() {
    FeedbackConsumer reading = consumer;
    if (reading != null) {
      reading.close();
    }
    if (notices != null) {
      notices.close();
    }
    topics.close();
    // Both at once: with the broker away each takes as long as it may.
    reporter.beginClose();
    sender.close();
    reporter.close();
    admin.close();
    if (broker != null) {
      broker.close();
    }
  }
}
