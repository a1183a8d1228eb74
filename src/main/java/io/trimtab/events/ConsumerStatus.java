package io.trimtab.events;

import io.trimtab.events.ConsumerState.Activity;
import java.time.Clock;

/** The state of the reader of feedback; each change is logged once. One thread tells, any asks. */
final class ConsumerStatus {
  private static final System.Logger LOG = System.getLogger(ConsumerStatus.class.getName());

  private final Clock clock;
  private volatile ConsumerState state;

  ConsumerStatus(Clock clock) {
    this.clock = clock;
    this.state = new ConsumerState(Activity.STOPPED, clock.instant(), "");
  }

  ConsumerState now() {
    return state;
  }

  /** Partitions are assigned; what held the consumer up before may still do so. */
  void joined() {
    if (state.activity() == Activity.JOINING) {
      is(Activity.CONSUMING, "");
    }
  }

  void is(Activity activity, String reason) {
    ConsumerState before = state;
    if (before.activity() == activity) {
      state = new ConsumerState(activity, before.since(), reason);
      return;
    }
    state = new ConsumerState(activity, clock.instant(), reason);
    LOG.log(level(activity), "Feedback: {0} {1}", activity, reason);
  }

  private static System.Logger.Level level(Activity activity) {
    return switch (activity) {
      case JOINING, CONSUMING, STOPPED -> System.Logger.Level.INFO;
      case BROKER_AWAY, STORE_FAILING -> System.Logger.Level.WARNING;
      case FAULTY, DEAD -> System.Logger.Level.ERROR;
    };
  }
}
