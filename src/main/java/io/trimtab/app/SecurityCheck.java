package io.trimtab.app;

import io.trimtab.cli.doctor.Check;
import io.trimtab.cli.doctor.Finding;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.security.KeyedTenants;
import java.nio.file.Path;
import java.util.List;

/**
 * Who may call: what a start would refuse, and what is open to all.
 *
 * @param security as it is set
 * @param hosts addresses that the server will listen on
 */
record SecurityCheck(TrimtabConfig.Security security, List<String> hosts) implements Check {
  @Override
  public String name() {
    return "security";
  }

  @Override
  public List<Finding> look() {
    return List.of(security.apiKeys().isPresent() ? keys(security.apiKeys().get()) : open());
  }

  private Finding keys(Path file) {
    try {
      var _ = KeyedTenants.of(file);
      return Finding.ok(name(), "calls need an API key of " + file);
    } catch (TrimtabException e) {
      return Finding.fault(
          name(),
          String.valueOf(e.getMessage()),
          "mend the file that trimtab.security.api-keys names");
    }
  }

  private Finding open() {
    try {
      hosts.forEach(SecurityWiring::require);
      return Finding.ok(name(), "no API keys; only this machine can call");
    } catch (TrimtabException e) {
      return security.open()
          ? Finding.warning(
              name(),
              "no API keys, and others can call: everyone may be any tenant",
              "set trimtab.security.api-keys to a file of keys, unless the network keeps others"
                  + " away")
          : Finding.fault(
              name(),
              String.valueOf(e.getMessage()),
              "do one of the two, or listen on 127.0.0.1 alone");
    }
  }
}
