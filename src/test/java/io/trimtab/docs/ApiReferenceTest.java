package io.trimtab.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.trimtab.docs.ProtoFile.Block;
import io.trimtab.docs.ProtoFile.Entry;
import io.trimtab.v1.DriftReport;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.Revision;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ApiReferenceTest {
  private static final String WRITE = "trimtab.docs.write";

  static List<FileDescriptor> compiled() {
    return List.of(
        GenerateRequest.getDescriptor().getFile(),
        Revision.getDescriptor().getFile(),
        DriftReport.getDescriptor().getFile());
  }

  @Test
  void thePageIsWhatTheProtoFilesSay() throws Exception {
    String expected = ApiReference.write();
    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(ApiReference.FILE, expected);
    }
    assertThat(MarkdownFile.read(ApiReference.FILE).text())
        .as("docs/api.md; ./mvnw test -Dtest=ApiReferenceTest -D%s=true writes it anew", WRITE)
        .isEqualTo(expected);
  }

  /** Read by hand, the files say what the compiler found in them. */
  @ParameterizedTest
  @MethodSource("compiled")
  void nothingOfAFileIsLeftOut(FileDescriptor file) {
    List<Block> blocks = Objects.requireNonNull(ApiReference.files().get(file.getName())).blocks();
    Map<String, List<String>> found = new TreeMap<>();
    blocks.forEach(
        block ->
            found.put(
                block.kind() + " " + block.name(),
                block.entries().stream().map(ApiReferenceTest::words).toList()));
    assertThat(found).hasSameSizeAs(blocks).isEqualTo(declared(file));
  }

  @Test
  void everyFileIsCompared() {
    assertThat(ApiReference.files().keySet())
        .containsExactlyInAnyOrderElementsOf(
            compiled().stream().map(FileDescriptor::getName).toList());
  }

  @Test
  void commentsGoOnWhereTheyBegan() {
    ProtoFile file =
        ProtoFile.parse(
            """
            // All of it.
            syntax = "proto3";
            // A message,
            // in two lines.
            message M {
              // Before
              // the field.
              string a = 1;
              bool b = 2;  // behind it,
                           // and below
              oneof c {
                bytes d = 3;
              }
              map<uint32, float> e = 4;
            }
            message N {}
            """);
    assertThat(file.about()).isEqualTo("All of it.");
    assertThat(file.blocks().getFirst().about()).isEqualTo("A message, in two lines.");
    assertThat(file.blocks().getFirst().entries())
        .containsExactly(
            new Entry("a", "string", "", 1, "Before the field."),
            new Entry("b", "bool", "", 2, "behind it, and below"),
            new Entry("d", "bytes", "c", 3, ""),
            new Entry("e", "map<uint32, float>", "", 4, ""));
    assertThat(file.blocks().getLast().entries()).isEmpty();
    assertThatThrownBy(() -> ProtoFile.parse("message M {\n  group X = 1 {}\n}\n"))
        .hasMessageContaining("group X");
  }

  private static String words(Entry entry) {
    return entry.number() == 0 && !entry.type().isEmpty()
        ? "%s: %s".formatted(entry.name(), entry.type())
        : "%s = %d".formatted(entry.name(), entry.number());
  }

  private static Map<String, List<String>> declared(FileDescriptor file) {
    Map<String, List<String>> declared = new TreeMap<>();
    file.getMessageTypes()
        .forEach(
            type ->
                declared.put(
                    "MESSAGE " + type.getName(),
                    type.getFields().stream().map(ApiReferenceTest::words).toList()));
    for (EnumDescriptor type : file.getEnumTypes()) {
      declared.put(
          "ENUM " + type.getName(),
          type.getValues().stream()
              .map(value -> "%s = %d".formatted(value.getName(), value.getNumber()))
              .toList());
    }
    file.getServices()
        .forEach(
            service ->
                declared.put(
                    "SERVICE " + service.getName(),
                    service.getMethods().stream()
                        .map(
                            call ->
                                "%s: %s%s → %s%s"
                                    .formatted(
                                        call.getName(),
                                        call.toProto().getClientStreaming() ? "stream " : "",
                                        call.getInputType().getName(),
                                        call.toProto().getServerStreaming() ? "stream " : "",
                                        call.getOutputType().getName()))
                        .toList()));
    return declared;
  }

  private static String words(FieldDescriptor field) {
    return "%s = %d".formatted(field.getName(), field.getNumber());
  }
}
