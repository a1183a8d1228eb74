package io.trimtab.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A proto file as the API reference tells it: services, messages and enums with their comments,
 * which compiled descriptors do not have. Reads the part of the language that proto/trimtab is
 * written in, and refuses any other line.
 *
 * @param about the comment above the syntax line
 */
record ProtoFile(String about, List<Block> blocks) {
  private static final Pattern COMMENT = Pattern.compile("//\\s*(.*)");
  private static final Pattern OPEN = Pattern.compile("(service|message|enum) (\\w+) \\{(\\})?");
  private static final Pattern ONE_OF = Pattern.compile("oneof (\\w+) \\{");
  private static final Pattern CALL =
      Pattern.compile("rpc (\\w+)\\((stream )?(\\w+)\\) returns \\((stream )?(\\w+)\\);");
  private static final Pattern FIELD =
      Pattern.compile("((?:optional |repeated )?(?:map<[^>]+>|[\\w.]+)) (\\w+) = (\\d+);");
  private static final Pattern VALUE = Pattern.compile("(\\w+) = (\\d+);");
  private static final Pattern PREAMBLE = Pattern.compile("(syntax|package|import|option)\\b.*;");

  /** What a block declares. */
  enum Kind {
    SERVICE,
    MESSAGE,
    ENUM
  }

  record Block(Kind kind, String name, String about, List<Entry> entries) {}

  /**
   * A call, a field, or a value.
   *
   * @param type a field's, with its label; a call's request and answer; empty for a value
   * @param group the oneof that a field belongs to; empty for none
   * @param number a field's or value's; 0 for a call
   */
  record Entry(String name, String type, String group, int number, String about) {}

  static ProtoFile parse(String text) {
    Reader reader = new Reader();
    text.lines().map(String::strip).forEach(reader::take);
    return new ProtoFile(reader.about, List.copyOf(reader.blocks));
  }

  private static final class Reader {
    private final List<Block> blocks = new ArrayList<>();
    private final List<String> comment = new ArrayList<>();
    private String about = "";
    private String group = "";

    /** Whether the line before was an entry with a comment behind it, which may go on. */
    private boolean trailing;

    private boolean open;

    void take(String line) {
      if (line.startsWith("//")) {
        comment(line);
        return;
      }
      int remark = line.indexOf("//");
      String code = (remark < 0 ? line : line.substring(0, remark)).strip();
      if (!code.isEmpty()) {
        code(code);
      }
      trailing = remark >= 0;
      if (remark >= 0) {
        addToLast(line.substring(remark));
      }
    }

    private void comment(String line) {
      if (trailing) {
        addToLast(line);
      } else {
        comment.add(words(line));
      }
    }

    private void code(String code) {
      Matcher match;
      if (PREAMBLE.matcher(code).matches() && !open) {
        about = about.isEmpty() ? taken() : about;
      } else if ((match = OPEN.matcher(code)).matches() && !open) {
        Kind kind = Kind.valueOf(match.group(1).toUpperCase(Locale.ROOT));
        blocks.add(new Block(kind, match.group(2), taken(), new ArrayList<>()));
        open = match.group(3) == null;
      } else if ((match = ONE_OF.matcher(code)).matches() && group.isEmpty()) {
        group = match.group(1);
      } else if (code.equals("}") && open) {
        open = !group.isEmpty();
        group = "";
      } else if (open) {
        entry(code);
      } else {
        throw new IllegalArgumentException("Not understood: " + code);
      }
    }

    private void entry(String code) {
      List<Entry> entries = blocks.getLast().entries();
      Matcher call = CALL.matcher(code);
      Matcher field = FIELD.matcher(code);
      Matcher value = VALUE.matcher(code);
      if (call.matches()) {
        String type =
            "%s%s → %s%s".formatted(words(call, 2), call.group(3), words(call, 4), call.group(5));
        entries.add(new Entry(call.group(1), type, "", 0, taken()));
      } else if (field.matches()) {
        int number = Integer.parseInt(field.group(3));
        entries.add(new Entry(field.group(2), field.group(1), group, number, taken()));
      } else if (value.matches()) {
        entries.add(new Entry(value.group(1), "", "", Integer.parseInt(value.group(2)), taken()));
      } else {
        throw new IllegalArgumentException("Not understood: " + code);
      }
    }

    private static String words(Matcher matcher, int of) {
      return matcher.group(of) == null ? "" : matcher.group(of);
    }

    private void addToLast(String remark) {
      List<Entry> entries = blocks.getLast().entries();
      Entry last = entries.removeLast();
      String all = (last.about() + " " + words(remark)).strip();
      entries.add(new Entry(last.name(), last.type(), last.group(), last.number(), all));
    }

    private String taken() {
      String all = String.join(" ", comment);
      comment.clear();
      return all;
    }

    private static String words(String line) {
      Matcher matcher = COMMENT.matcher(line);
      if (!matcher.matches()) {
        throw new IllegalArgumentException("No comment: " + line);
      }
      return matcher.group(1).strip();
    }
  }
}
