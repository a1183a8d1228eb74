package io.trimtab.adaptation.governor;

import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.Revision;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Whether a person has undone what a governor did to a revision. It is read from the adapter's
 * versions, which all servers share and which survive them; the latest answers are kept, since a
 * version never changes. Any thread; calls wait for each other and for the store.
 */
final class Overruling {
  private static final System.Logger LOG = System.getLogger(Overruling.class.getName());
  private static final int KEPT_MAX = 1024;

  private final AdapterRegistry registry;
  private final NewestAnswers kept = new NewestAnswers();

  Overruling(AdapterRegistry registry) {
    this.registry = registry;
  }

  private record Asked(AdapterId id, int revision) {}

  /** An answer, good at one version. */
  private record Answer(long version, OptionalLong byPerson) {}

  private static final class NewestAnswers extends LinkedHashMap<Asked, Answer> {
    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Asked, Answer> eldest) {
      return size() > KEPT_MAX;
    }
  }

  /**
   * Looks for it from the newest version back, as far as the revision goes. It stands until the
   * revision is served no more: whoever serves it once again then has left it to the governor.
   *
   * @return the version with which a person served the revision again, or at another scale, after a
   *     governor had taken it away or damped it; empty where none did, and where it was not served
   *     since
   * @throws TrimtabException UNAVAILABLE where the store fails
   */
  synchronized OptionalLong version(AdapterSnapshot now, int revision) {
    Asked asked = new Asked(now.id(), revision);
    Answer known = kept.get(asked);
    if (known != null && known.version() == now.version()) {
      return known.byPerson();
    }
    Answer answer = new Answer(now.version(), walked(now, revision));
    kept.remove(asked);
    kept.put(asked, answer);
    return answer.byPerson();
  }

  private OptionalLong walked(AdapterSnapshot now, int revision) {
    OptionalLong byPerson = OptionalLong.empty();
    AdapterSnapshot later = now;
    while (later.revision(revision).isPresent()) {
      AdapterSnapshot earlier = before(later).orElse(null);
      if (earlier == null) {
        break;
      }
      Optional<Float> before = servedAt(earlier, revision);
      Optional<Float> after = servedAt(later, revision);
      if (!before.equals(after)) {
        if (later.change().byGovernor()) {
          return isAgainst(revision, earlier, later) ? byPerson : OptionalLong.empty();
        }
        if (after.isEmpty()) {
          return OptionalLong.empty();
        }
        byPerson = OptionalLong.of(later.version());
      }
      later = earlier;
    }
    return OptionalLong.empty();
  }

  /** A version that cannot be read is as good as none: what came before it is not known. */
  private Optional<AdapterSnapshot> before(AdapterSnapshot later) {
    if (later.version() == 1) {
      return Optional.empty();
    }
    try {
      return registry.at(later.id(), later.version() - 1);
    } catch (TrimtabException e) {
      if (e.code() != ErrorCode.INTERNAL) {
        throw e;
      }
      LOG.log(System.Logger.Level.WARNING, e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * Whether a governor's change was about that revision, and did not just move it: a promoted
   * canary takes the place of what was active, and what takes that away ends a canary beside it.
   */
  private static boolean isAgainst(int revision, AdapterSnapshot earlier, AdapterSnapshot later) {
    return switch (later.change().kind()) {
      case SCALED, QUARANTINED -> later.change().revision() == revision;
      case ROLLED_BACK -> earlier.activeRevision() == revision;
      case CREATED, UPLOADED, ACTIVATED, CANARY, REJECTED, DELETED -> false;
    };
  }

  private static Optional<Float> servedAt(AdapterSnapshot version, int revision) {
    return version.revision(revision).filter(GovernorPolicy::isServed).map(Revision::scale);
  }
}
