package io.trimtab.serving.finetuning;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.util.regex.Pattern;

/** Jobs' ids as OpenAI's clients have them: {@code ftjob-} and the job's own. */
final class JobId {
  private static final String PREFIX = "ftjob-";
  private static final Pattern WIRE = Pattern.compile(PREFIX + "[0-9a-f]{32}");

  private JobId() {}

  static String wire(String jobId) {
    return PREFIX + jobId;
  }

  /**
   * The job's own id.
   *
   * @throws TrimtabException NOT_FOUND for what is no job's id
   */
  static String own(String wire) {
    if (!WIRE.matcher(wire).matches()) {
      throw new TrimtabException(
          ErrorCode.NOT_FOUND, "There is no job %s".formatted(Quoted.of(wire)));
    }
    return wire.substring(PREFIX.length());
  }
}
