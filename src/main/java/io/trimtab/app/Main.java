package io.trimtab.app;

import io.quarkus.runtime.annotations.QuarkusMain;
import io.trimtab.cli.TrimtabCommand;
import io.trimtab.cli.doctor.DoctorCommand;
import io.trimtab.cli.local.OpenedGenerator;
import io.trimtab.serving.grpc.ServerChannel;
import io.trimtab.serving.inference.RemoteGenerator;
import io.trimtab.study.StudyCommand;
import java.io.IOException;
import picocli.CommandLine;

/**
 * The program's entry. Only commands that serve start Quarkus; the others are plain Java, so that
 * they answer at once.
 */
@QuarkusMain
public final class Main {
  Main() {}

  public static void main(String... args) throws IOException {
    CommandLogging.start();
    if (Boolean.getBoolean(AotTrainingRun.PROPERTY)) {
      AotTrainingRun.run();
      return;
    }
    System.exit(TrimtabCommand.fitted(commandLine()).execute(args));
  }

  static CommandLine commandLine() {
    return TrimtabCommand.commandLine(
        new QuarkusServer(),
        Main::connect,
        ServerChannel::open,
        new CommandLine(new DoctorCommand(ServerChecks::of)),
        StudyCommand.line());
  }

  static OpenedGenerator connect(String server) {
    RemoteGenerator remote = RemoteGenerator.connect(server);
    return new OpenedGenerator(remote, remote::close);
  }
}
