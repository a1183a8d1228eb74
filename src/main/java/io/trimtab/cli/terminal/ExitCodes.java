package io.trimtab.cli.terminal;

/** What the process ends with; the help of {@code trimtab} lists them. */
public final class ExitCodes {
  public static final int DONE = 0;

  /** The command could not do what it was asked, and has said why. */
  public static final int FAILED = 1;

  /** The command line makes no sense; nothing was done. */
  public static final int USAGE = 2;

  /** The work was done, and what came of it was judged and refused. */
  public static final int REFUSED = 3;

  /** 128 and SIGINT, as the shell has it. */
  public static final int INTERRUPTED = 130;

  private ExitCodes() {}
}
