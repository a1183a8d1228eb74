package io.trimtab.app;

import io.quarkus.runtime.Quarkus;
import io.trimtab.cli.up.ServerOptions;
import io.trimtab.cli.up.ServerStarter;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Runs the server in this process: options become system properties, which outrank all else. */
final class QuarkusServer implements ServerStarter {
  @Override
  public int run(ServerOptions options) {
    options.properties().forEach(System::setProperty);
    AtomicInteger exitCode = new AtomicInteger();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    // The handler replaces Quarkus' own, which would end the process before our caller reads this.
    Quarkus.run(
        null,
        (code, cause) -> {
          exitCode.set(code);
          failure.set(cause);
        });
    Throwable cause = failure.get();
    if (cause != null) {
      throw refusal(cause);
    }
    return exitCode.get();
  }

  @Override
  public void stop() {
    Quarkus.asyncExit();
  }

  /** The reason at the bottom: what Quarkus wraps around it says only that starting failed. */
  static TrimtabException refusal(Throwable failure) {
    Throwable reason = failure;
    while (!(reason instanceof TrimtabException) && reason.getCause() != null) {
      reason = reason.getCause();
    }
    ErrorCode code =
        reason instanceof TrimtabException known ? known.code() : ErrorCode.UNAVAILABLE;
    String text = reason.getMessage() == null ? reason.toString() : reason.getMessage();
    return new TrimtabException(code, "The server did not start: " + text, failure);
  }
}
