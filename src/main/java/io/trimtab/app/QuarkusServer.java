package io.trimtab.app;

import io.quarkus.runtime.Quarkus;
import io.trimtab.cli.ServerOptions;
import io.trimtab.cli.ServerStarter;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs the server in this process: options become system properties, which outrank all else. */
final class QuarkusServer implements ServerStarter {
  @Override
  public int run(ServerOptions options) {
    options.properties().forEach(System::setProperty);
    // Quarkus reads this when its logging first starts; too late is silently ignored.
    System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
    AtomicInteger exitCode = new AtomicInteger();
    // The handler replaces Quarkus' own, which would end the process before our caller reads this.
    Quarkus.run(null, (code, cause) -> exitCode.set(cause == null ? code : 1));
    return exitCode.get();
  }
}
