package io.trimtab.adaptation.governor;

import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.Revision;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Whether a person has undone what a governor did to a revision. It is read from the adapter's
 * versions, which all servers share and which survive them.
 */
final class Overruling {
  /** What the reason of a governor's change begins with, whichever server's it is. */
  static final String GOVERNOR = "governor: ";

  private Overruling() {}

  /**
   * Looks for it from the newest version back, as far as the revision goes. It stands until the
   * revision is served no more: whoever serves it once again then has left it to the governor.
   *
   * @return the version with which a person served the revision again, or at another scale, after a
   *     governor had taken it away or damped it; empty where none did, and where a person took it
   *     away since
   * @throws io.trimtab.error.TrimtabException UNAVAILABLE where the store fails
   */
  static OptionalLong version(AdapterRegistry registry, AdapterSnapshot now, int revision) {
    OptionalLong byPerson = OptionalLong.empty();
    AdapterSnapshot later = now;
    while (later.version() > 1 && later.revision(revision).isPresent()) {
      AdapterSnapshot earlier = registry.at(now.id(), later.version() - 1).orElse(null);
      if (earlier == null) {
        break;
      }
      Optional<Float> before = servedAt(earlier, revision);
      Optional<Float> after = servedAt(later, revision);
      if (!before.equals(after)) {
        if (later.change().reason().startsWith(GOVERNOR)) {
          // One that a rollback brought in was not taken away by it.
          return before.isPresent() ? byPerson : OptionalLong.empty();
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

  private static Optional<Float> servedAt(AdapterSnapshot version, int revision) {
    return version.revision(revision).filter(GovernorPolicy::isServed).map(Revision::scale);
  }
}
