package io.trimtab.docs;

import io.trimtab.docs.ProtoFile.Block;
import io.trimtab.docs.ProtoFile.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes docs/api.md from proto/trimtab. */
final class ApiReference {
  static final Path FILE = Path.of("docs/api.md");
  private static final Path PROTO = Path.of("proto");
  private static final String ROOT = "trimtab/v1";
  private static final Pattern TYPE = Pattern.compile("\\b[A-Z]\\w+");

  private final StringBuilder out = new StringBuilder();
  private final Set<String> known;

  private ApiReference(Set<String> known) {
    this.known = known;
  }

  /** The files, by their names below proto/. */
  static Map<String, ProtoFile> files() {
    Map<String, ProtoFile> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(PROTO.resolve(ROOT))) {
      for (Path file : all.toList()) {
        files.put(ROOT + "/" + file.getFileName(), ProtoFile.parse(MarkdownFile.read(file).text()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  static String write() {
    Map<String, ProtoFile> files = files();
    Set<String> known =
        files.values().stream()
            .flatMap(file -> file.blocks().stream())
            .filter(block -> block.kind() != ProtoFile.Kind.SERVICE)
            .map(Block::name)
            .collect(Collectors.toSet());
    ApiReference reference = new ApiReference(known);
    reference.head(files);
    files.forEach(reference::file);
    return reference.out.toString();
  }

  private void head(Map<String, ProtoFile> files) {
    line("# API reference");
    line("");
    line("The gRPC services of package `trimtab.v1`, from the files below `proto/`, which are the");
    line("contract. This page is written by a test; do not edit it.");
    line("");
    line("A message has at most 64 MiB; a conversation at most 256 messages, 64 parts in each,");
    line("64 pictures and 1,048,576 characters. Feedback has");
    line("[limits of its own](feedback-from-your-application.md#limits). Status codes are those");
    line("of [http.md](http.md#errors).");
    line("");
    List<String> services = new ArrayList<>();
    files
        .values()
        .forEach(
            file ->
                file.blocks().stream()
                    .filter(block -> block.kind() == ProtoFile.Kind.SERVICE)
                    .forEach(block -> services.add(link(block.name()))));
    line("Services: " + String.join(", ", services) + ".");
  }

  private void file(String name, ProtoFile file) {
    line("");
    line("## " + name);
    paragraph(file.about());
    file.blocks().forEach(this::block);
  }

  private void block(Block block) {
    line("");
    line("### " + block.name());
    paragraph(block.about());
    switch (block.kind()) {
      case SERVICE ->
          table(block, List.of("call", "takes and gives", ""), entry -> linked(entry.type()));
      case MESSAGE -> {
        if (block.entries().isEmpty()) {
          paragraph("No fields.");
        } else {
          table(block, List.of("field", "type", ""), ApiReference.this::fieldType);
        }
      }
      case ENUM ->
          table(block, List.of("value", "number", ""), entry -> Integer.toString(entry.number()));
    }
  }

  private String fieldType(Entry field) {
    String group = field.group().isEmpty() ? "" : ", one of `%s`".formatted(field.group());
    return linked(field.type()) + group;
  }

  private void table(Block block, List<String> heads, Function<Entry, String> middle) {
    line("");
    line("| " + String.join(" | ", heads).strip() + " |");
    line("|---|---|---|");
    for (Entry entry : block.entries()) {
      line(
          "| `%s` | %s | %s |"
              .formatted(entry.name(), middle.apply(entry), entry.about().replace("|", "\\|")));
    }
  }

  /** Types that are told here become links; those of protobuf itself keep their full name. */
  private String linked(String type) {
    if (type.startsWith("google.")) {
      return type;
    }
    return TYPE.matcher(type.replace("<", "\\<"))
        .replaceAll(match -> known.contains(match.group()) ? link(match.group()) : match.group());
  }

  private static String link(String name) {
    return "[%s](#%s)".formatted(name, name.toLowerCase(Locale.ROOT));
  }

  private void paragraph(String text) {
    if (!text.isEmpty()) {
      line("");
      line(text);
    }
  }

  private void line(String text) {
    out.append(text).append('\n');
  }
}
