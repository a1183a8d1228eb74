package io.trimtab.cli.doctor;

import io.trimtab.adaptation.probes.ProbeFolder;
import io.trimtab.adaptation.probes.ProbeSet;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.BundledModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The probes, without which the gate publishes nothing by itself.
 *
 * @param folder where {@code trimtab.probes} names one
 * @param model the bundled ones bring theirs
 * @param enough as many as the gate asks for
 */
public record ProbesCheck(Optional<Path> folder, String model, int enough) implements Check {
  private static final String MAKE =
      "make some of your own pictures with 'trimtab probes make', and name the folder in"
          + " trimtab.probes";

  @Override
  public String name() {
    return "probes";
  }

  @Override
  public List<Finding> look() {
    if (folder.isEmpty()) {
      return List.of(
          BundledModel.exists(model)
              ? Finding.ok(name(), "those of the bundled model")
              : Finding.warning(
                  name(), "there are none: the gate will publish no tuned revision", MAKE));
    }
    try {
      ProbeSet set = ProbeFolder.read(folder.get());
      String found =
          "%s: %d probes, %d prompts to rehearse"
              .formatted(folder.get(), set.probes().size(), set.rehearsal().size());
      return List.of(
          set.probes().size() >= enough
              ? Finding.ok(name(), found)
              : Finding.warning(
                  name(),
                  "%s, and the gate asks for %d that base answers as they say (trimtab.gate.probes-min)"
                      .formatted(found, enough),
                  MAKE));
    } catch (IOException | TrimtabException e) {
      String reason = e instanceof TrimtabException ? e.getMessage() : e.toString();
      return List.of(
          Finding.fault(
              name(),
              "%s can't be read: %s".formatted(folder.get(), reason),
              "see what 'trimtab probes check %s' says".formatted(folder.get())));
    }
  }
}
