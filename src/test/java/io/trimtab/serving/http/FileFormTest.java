package io.trimtab.serving.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileFormTest {
  private static final String TYPE = "multipart/form-data; boundary=\"x y\"";

  @TempDir Path folder;

  @Test
  void theFileIsKeptAsItIsAndDeletedWithTheForm() throws IOException {
    // Looks like a boundary, and is none.
    String contents = "a\r\n--x\r\n-- \u00e9\n";
    Path kept;
    try (FileForm form =
        read(
            TYPE,
            part("name=\"purpose\"", "fine-tune")
                + part("name=\"file\"; filename=\"a b.jsonl\"", contents)
                + part("name=\"empty\"", "")
                + "--x y--\r\n")) {
      assertThat(form.fields()).isEqualTo(Map.of("purpose", "fine-tune", "empty", ""));
      assertThat(form.file().orElseThrow().name()).isEqualTo("a b.jsonl");
      assertThat(form.file().orElseThrow().bytes()).isEqualTo(contents.getBytes(UTF_8).length);
      kept = form.file().orElseThrow().path();
      assertThat(kept).hasContent(contents);
    }
    assertThat(kept).doesNotExist();
  }

  @Test
  void aFileNeedsNoName() throws IOException {
    try (FileForm form = read(TYPE, part("name=\"file\"", "a") + "--x y--\r\n")) {
      assertThat(form.file().orElseThrow().name()).isEmpty();
    }
    try (FileForm form = read(TYPE, part("name=\"other\"; filename=\"a\"", "b") + "--x y--\r\n")) {
      assertThat(form.file()).isEmpty();
      assertThat(form.fields()).containsEntry("other", "b");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "multipart/form-data | a boundary",
        "multipart/form-data; boundary= | a boundary",
        "application/json | a boundary",
        "nonsense | a boundary",
      })
  void aFormWithoutABoundaryIsRefused(String type, String words) {
    refused(type, part("name=\"file\"", "a") + "--x y--\r\n", words);
  }

  @Test
  void whatIsNoWholeFormIsRefused() {
    String file = part("name=\"file\"", "a");
    refused(TYPE, "", "ends early");
    refused(TYPE, "{}", "ends early");
    refused(TYPE, file, "ends early");
    refused(TYPE, file.substring(0, file.length() - 4), "ends early");
    refused(TYPE, file + file + "--x y--\r\n", "'file' twice");
    refused(TYPE, part("name=\"a\"", "b") + part("name=\"a\"", "b"), "'a' twice");
    refused(TYPE, part("name=\"a\"", "b".repeat(2049)), "'a' has more than 2048 bytes");
    StringBuilder many = new StringBuilder();
    for (int i = 0; i <= 64; i++) {
      many.append(part("name=\"f%d\"".formatted(i), ""));
    }
    refused(TYPE, many + "--x y--\r\n", "more than 64 fields");
  }

  private void refused(String type, String body, String words) {
    assertThatThrownBy(() -> read(type, body))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining(words);
  }

  private FileForm read(String type, String body) throws IOException {
    return FileForm.read(Files.writeString(folder.resolve("body"), body), type, "file");
  }

  private static String part(String disposition, String contents) {
    return "--x y\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n"
        .formatted(disposition, contents);
  }
}
