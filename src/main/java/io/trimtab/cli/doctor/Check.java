package io.trimtab.cli.doctor;

import java.util.List;

/** Looks at one thing that a server needs, and changes nothing. */
public interface Check {
  /** What is looked at, in a word or two. */
  String name();

  /**
   * Looks, once.
   *
   * @return one line where all is well or one thing is wrong, else a line for each thing that is
   * @throws Exception where it could not even look
   */
  List<Finding> look() throws Exception;
}
