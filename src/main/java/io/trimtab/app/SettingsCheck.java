package io.trimtab.app;

import io.smallrye.config.ConfigValidationException;
import io.trimtab.cli.doctor.Check;
import io.trimtab.cli.doctor.Finding;
import java.util.ArrayList;
import java.util.List;

/**
 * The settings, as a start would check them, and names that are no settings, which a start passes
 * over.
 */
record SettingsCheck(CommandConfig config) implements Check {
  @Override
  public String name() {
    return "settings";
  }

  @Override
  public List<Finding> look() {
    List<Finding> findings = new ArrayList<>();
    for (String problem : problems()) {
      findings.add(
          Finding.fault(
              name(),
              problem,
              "correct it; TrimtabConfig and AdaptationConfig say what each takes"));
    }
    SettingNames names = SettingNames.known();
    for (SettingNames.Stray stray : names.strays(config.values())) {
      findings.add(
          Finding.warning(
              name(),
              "%s (%s) is no setting, and is passed over".formatted(stray.name(), stray.source()),
              "did you mean %s?".formatted(names.nearest(stray.name()))));
    }
    return findings.isEmpty() ? List.of(Finding.ok(name(), "all within their ranges")) : findings;
  }

  private List<String> problems() {
    try {
      return ConfigCheck.problems(config.mapped());
    } catch (ConfigValidationException e) {
      List<String> problems = new ArrayList<>();
      for (int i = 0; i < e.getProblemCount(); i++) {
        problems.add(e.getProblem(i).getMessage());
      }
      return problems;
    }
  }
}
