package io.trimtab.app;

import io.quarkus.runtime.annotations.QuarkusMain;
import io.trimtab.cli.TrimtabCommand;

/**
 * The program's entry. Only commands that serve start Quarkus; the others are plain Java, so that
 * they answer at once.
 */
@QuarkusMain
public final class Main {
  Main() {}

  public static void main(String... args) {
    if (Boolean.getBoolean(TrainingRun.PROPERTY)) {
      TrainingRun.run();
      return;
    }
    System.exit(TrimtabCommand.commandLine(new QuarkusServer()).execute(args));
  }
}
