package io.trimtab.app;

import io.quarkus.bootstrap.logging.InitialConfigurator;
import java.util.logging.Handler;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.LogContext;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.jboss.logmanager.handlers.ConsoleHandler;

/**
 * Logging before Quarkus configures its own, which commands other than {@code up} never get to:
 * errors alone, one line each, on standard error. Without this the log manager keeps every record
 * of every level for a configuration that does not come.
 */
final class CommandLogging {
  private CommandLogging() {}

  static void start() {
    // Before anything logs: what logs first decides for the whole process.
    System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
    ConsoleHandler errors =
        new ConsoleHandler(ConsoleHandler.Target.SYSTEM_ERR, new PatternFormatter("%p %s%e%n"));
    errors.setLevel(Level.ERROR);
    LogContext.getLogContext().getLogger("").setLevel(Level.ERROR);
    InitialConfigurator.DELAYED_HANDLER.setHandlers(new Handler[] {errors});
  }
}
