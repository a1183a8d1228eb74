package io.trimtab.model.text;

import com.hubspot.jinjava.interpret.Context;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Refuses templates with what Jinjava passes over in silence, where Jinja would act or fail: an
 * unknown filter gives nothing, and {@code for … if} loops over nothing.
 */
final class TemplateCheck {
  private static final Pattern COMMENT = Pattern.compile("\\{#.*?#}", Pattern.DOTALL);
  static final Pattern CODE = Pattern.compile("\\{\\{(.*?)}}|\\{%(.*?)%}", Pattern.DOTALL);
  static final Pattern STRING =
      Pattern.compile("'(?:\\\\.|[^'\\\\])*'|\"(?:\\\\.|[^\"\\\\])*\"", Pattern.DOTALL);
  private static final Pattern FILTER = Pattern.compile("\\|\\s*([A-Za-z_]\\w*)");
  private static final Pattern FILTERED_LOOP =
      Pattern.compile("^[-+]?\\s*for\\s.*\\sin\\s(?!.*\\selse\\s).*\\sif\\s.*", Pattern.DOTALL);

  private TemplateCheck() {}

  static void check(String jinja, Context context) {
    Matcher code = CODE.matcher(COMMENT.matcher(jinja).replaceAll(""));
    while (code.find()) {
      String inside = code.group(1) == null ? code.group(2) : code.group(1);
      String bare = STRING.matcher(inside).replaceAll("''");
      if (FILTERED_LOOP.matcher(bare).matches()) {
        throw refused("a loop with a condition ({%" + inside + "%})");
      }
      Matcher filter = FILTER.matcher(bare);
      while (filter.find()) {
        if (context.getFilter(filter.group(1)) == null) {
          throw refused("the filter \"%s\"".formatted(filter.group(1)));
        }
      }
    }
  }

  private static TrimtabException refused(String what) {
    return new TrimtabException(
        ErrorCode.FAILED_PRECONDITION,
        "The chat template uses %s, which is not supported".formatted(what));
  }
}
