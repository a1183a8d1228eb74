package io.trimtab.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder's chat template before it is used: chat_template.jinja, else {@code chat_template} of
 * chat_template.json, processor_config.json or tokenizer_config.json.
 *
 * @param jinja the template, with newlines as Jinja reads them
 * @param variables the special tokens by name ({@code bos_token}, …) as templates see them
 */
record TemplateSource(String jinja, Map<String, String> variables) {
  /** A backslash, with what it escapes in Python's strings, if anything. */
  private static final Pattern ESCAPE = Pattern.compile("\\\\([\\\\'\"ntbfravxuUN0-7\\n])|\\\\");

  TemplateSource {
    // Jinja drops one newline at the end of a template and knows only "\n".
    jinja = jinja.replace("\r\n", "\n").replace('\r', '\n');
    if (jinja.endsWith("\n")) {
      jinja = jinja.substring(0, jinja.length() - 1);
    }
    jinja = withPlainBackslashes(jinja);
    variables = Map.copyOf(variables);
  }

  /** In a string, Jinja keeps a backslash before what is no escape; Jinjava refuses the string. */
  private static String withPlainBackslashes(String jinja) {
    return TemplateCheck.CODE
        .matcher(jinja)
        .replaceAll(
            code ->
                Matcher.quoteReplacement(
                    TemplateCheck.STRING
                        .matcher(code.group())
                        .replaceAll(text -> Matcher.quoteReplacement(doubled(text.group())))));
  }

  private static String doubled(String text) {
    return ESCAPE
        .matcher(text)
        .replaceAll(
            escape -> Matcher.quoteReplacement(escape.group(1) == null ? "\\\\" : escape.group()));
  }

  static TemplateSource read(Path modelFolder) {
    Path configFile = modelFolder.resolve("tokenizer_config.json");
    JsonNode config = Files.exists(configFile) ? JsonFile.read(configFile) : JsonFile.empty();
    return new TemplateSource(jinja(modelFolder, config), specialTokens(config));
  }

  private static String jinja(Path modelFolder, JsonNode tokenizerConfig) {
    Path plain = modelFolder.resolve("chat_template.jinja");
    if (Files.exists(plain)) {
      try {
        return Files.readString(plain);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    JsonNode template =
        Stream.of("chat_template.json", "processor_config.json")
            .map(modelFolder::resolve)
            .filter(Files::exists)
            .map(file -> JsonFile.read(file).path("chat_template"))
            .filter(each -> !each.isMissingNode() && !each.isNull())
            .findFirst()
            .orElse(tokenizerConfig.path("chat_template"));
    for (JsonNode named : template) {
      if ("default".equals(named.path("name").textValue())) {
        template = named.path("template");
      }
    }
    if (!template.isTextual()) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "The checkpoint folder has no chat template: expected chat_template.jinja,"
              + " chat_template.json or \"chat_template\" in tokenizer_config.json");
    }
    return template.textValue();
  }

  private static Map<String, String> specialTokens(JsonNode config) {
    Map<String, String> tokens = new LinkedHashMap<>();
    config
        .properties()
        .forEach(
            field -> {
              JsonNode value = field.getValue();
              JsonNode content = value.isObject() ? value.path("content") : value;
              if (field.getKey().endsWith("_token") && content.isTextual()) {
                tokens.put(field.getKey(), content.textValue());
              }
            });
    return tokens;
  }
}
