package io.trimtab.ort;

/**
 * The means to stop a run from another thread. The owner closes it after the last run that uses it.
 * Thread-safe.
 */
public final class RunOptions implements AutoCloseable {
  private final OrtApi api;

  /** Guarded by this. */
  private final OrtHandle options;

  private RunOptions(OrtApi api) {
    this.api = api;
    this.options = new OrtHandle("Run options", api.createRunOptions(), api::releaseRunOptions);
  }

  public static RunOptions create(OrtEnvironment environment) {
    return new RunOptions(environment.api());
  }

  /** Lets every run that uses these options fail soon, also those that start later. */
  public synchronized void terminate() {
    api.setTerminate(options.address());
  }

  /** Lets runs proceed again. */
  public synchronized void unsetTerminate() {
    api.unsetTerminate(options.address());
  }

  synchronized long address() {
    return options.address();
  }

  @Override
  public synchronized void close() {
    options.close();
  }
}
