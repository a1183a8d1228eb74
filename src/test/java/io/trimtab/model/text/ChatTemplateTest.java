package io.trimtab.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ChatTemplateTest {
  private static final Picture PICTURE = Picture.of(new byte[] {1});

  static List<ReferenceCase> cases() {
    return ReferenceCase.all().toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rendersWhatTransformersRenders(ReferenceCase reference) {
    ChatTemplate template = ChatTemplate.read(reference.model());
    assertThat(template.render(reference.messages(), GenerationPrompt.ADD))
        .isEqualTo(reference.prompt());
  }

  /** The layout of the published Qwen2.5-VL template: text and blocks on several lines. */
  private static final String QWEN =
      """
      {% set pictures = namespace(value=0) %}{% for message in messages %}\
      {% if loop.first and message['role'] != 'system' %}<|im_start|>system
      You are a helpful assistant.<|im_end|>
      {% endif %}<|im_start|>{{ message['role'] }}
      {% if message['content'] is string %}{{ message['content'] }}<|im_end|>
      {% else %}{% for content in message['content'] %}\
      {% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}\
      {% set pictures.value = pictures.value + 1 %}\
      {% if add_vision_id %}Picture {{ pictures.value }}: {% endif %}\
      <|vision_start|><|image_pad|><|vision_end|>\
      {% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}<|im_end|>
      {% endif %}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
      {% endif %}
      """;

  /** The layout of the published LLaVA-OneVision template: comments, no spaces in braces. */
  private static final String ONEVISION =
      """
      {% for message in messages %}{{'<|im_start|>' + message['role'] + ' '}}\
      {# pictures first #}\
      {% for content in message['content'] | selectattr('type', 'equalto', 'image') %}\
      {{ '<image>\\n' }}{% endfor %}{# then text #}\
      {% if message['role'] != 'assistant' %}\
      {% for content in message['content'] | selectattr('type', 'equalto', 'text') %}\
      {{ '\\n' + content['text'] }}{% endfor %}{% else %}\
      {% for content in message['content'] | selectattr('type', 'equalto', 'text') %}\
      {% generation %}{{ '\\n' + content['text'] }}{% endgeneration %}{% endfor %}\
      {% endif %}{{'<|im_end|>'}}{% endfor %}\
      {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
      """;

  /** That of LLaVA-1.5 and of LLaVA-NeXT over Vicuna: a method of Python's strings. */
  private static final String VICUNA =
      """
      {% for message in messages %}\
      {% if message['role'] != 'system' %}{{ message['role'].upper() + ': '}}{% endif %}\
      {# pictures first #}\
      {% for content in message['content'] | selectattr('type', 'equalto', 'image') %}\
      {{ '<image>\\n' }}{% endfor %}\
      {% for content in message['content'] | selectattr('type', 'equalto', 'text') %}\
      {{ content['text'] + ' '}}{% endfor %}{% endfor %}\
      {% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}
      """;

  /** That of LLaVA-NeXT over Mistral: a backslash that escapes nothing. */
  private static final String MISTRAL =
      """
      {% for message in messages %}{% if message['role'] == 'user' %}{{ '[INST] ' }}\
      {% for content in message['content'] | selectattr('type', 'equalto', 'image') %}\
      {{ '<image>\\n' }}{% endfor %}\
      {% for content in message['content'] | selectattr('type', 'equalto', 'text') %}\
      {{ content['text'] }}{% endfor %}{{ ' [/INST]' }}\
      {% elif message['role'] == 'assistant' %}\
      {% for content in message['content'] | selectattr('type', 'equalto', 'text') %}\
      {{ ' ' + content['text'] + '<\\s> ' }}{% endfor %}{% endif %}{% endfor %}
      """;

  @Test
  void rendersTheLayoutOfPublishedTemplates() {
    List<ChatMessage> conversation =
        List.of(
            new ChatMessage(
                Role.USER,
                List.of(
                    new PicturePart(PICTURE), new PicturePart(PICTURE), new TextPart("Which?"))),
            ChatMessage.text(Role.ASSISTANT, "red"),
            ChatMessage.text(Role.USER, "Sure?"));
    assertThat(template(QWEN).render(conversation, GenerationPrompt.ADD))
        .isEqualTo(
            "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n"
                + "<|vision_start|><|image_pad|><|vision_end|>"
                + "<|vision_start|><|image_pad|><|vision_end|>Which?<|im_end|>\n"
                + "<|im_start|>assistant\nred<|im_end|>\n"
                + "<|im_start|>user\nSure?<|im_end|>\n<|im_start|>assistant\n");
    assertThat(template(ONEVISION).render(conversation, GenerationPrompt.OMIT))
        .isEqualTo(
            "<|im_start|>user <image>\n<image>\n\nWhich?<|im_end|><|im_start|>assistant \nred"
                + "<|im_end|><|im_start|>user \nSure?<|im_end|>");
    assertThat(template(VICUNA).render(conversation, GenerationPrompt.ADD))
        .isEqualTo("USER: <image>\n<image>\nWhich? ASSISTANT: red USER: Sure? ASSISTANT:");
    assertThat(template(MISTRAL).render(conversation, GenerationPrompt.ADD))
        .isEqualTo("[INST] <image>\n<image>\nWhich? [/INST] red<\\s> [INST] Sure? [/INST]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'abc'.upper() | ABC",
        "'ABC'.lower() | abc",
        "'aBC'.capitalize() | Abc",
        "'xxaxx'.strip('x') | a",
        "'xyaxy'.lstrip('yx') | axy",
        "'xyaxy'.rstrip('yx') | xya",
        "'a</think>b'.split('</think>')[1] | b",
        "'a b  c'.split()[2] | c",
        "'abc'.startswith('ab') | True",
        "'abc'.endswith('ab') | False",
        "'a\\n\\s'.replace('a', 'b') | `b\n\\s`",
      })
  void methodsOfPythonsStringsAreKnown(String expression, String expected) {
    String jinja = "{{ messages[0]['content'][0]['text'] }}{{ %s }}".formatted(expression);
    assertThat(
            template(jinja)
                .render(List.of(ChatMessage.text(Role.USER, ":")), GenerationPrompt.OMIT))
        .isEqualToIgnoringCase(":" + expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ 1+1 }}",
        "{% for %}",
        "{# gone? #} {%- endif -%}",
        "<b>&amp;</b> 'x' \"y\" \\n \\\\",
        "  spaces  ",
        "007",
        "true"
      })
  void textOfUsersIsNeverInterpreted(String text) {
    for (String jinja : List.of(QWEN, ONEVISION)) {
      assertThat(
              template(jinja)
                  .render(List.of(ChatMessage.text(Role.USER, text)), GenerationPrompt.OMIT))
          .endsWith("\n" + text + (jinja.equals(QWEN) ? "<|im_end|>\n" : "<|im_end|>"));
    }
  }

  @Test
  void givesStringsToATemplateThatExpectsThem() {
    String jinja =
        "{% for m in messages %}[{{ m.role }}] {{ m['content'] | trim + eos_token }}{% endfor %}";
    ChatTemplate template = ChatTemplate.of(jinja, Map.of("eos_token", "</s>"), "<image>\n");
    ChatMessage message =
        new ChatMessage(
            Role.USER, List.of(new TextPart("one"), new PicturePart(PICTURE), new TextPart("two")));
    assertThat(template.render(List.of(message), GenerationPrompt.ADD))
        .isEqualTo("[user] <image>\none\ntwo</s>");
  }

  @Test
  void theTemplatesOwnRefusalIsInvalidArgument() {
    ChatTemplate template =
        template(
            "{% for m in messages %}{% if m.role == 'system' %}"
                + "{{ raise_exception('no system role here') }}{% endif %}"
                + "{{ m.content[0].text }}{% endfor %}");
    assertThatThrownBy(
            () ->
                template.render(
                    List.of(ChatMessage.text(Role.SYSTEM, "Be brief")), GenerationPrompt.ADD))
        .isInstanceOf(TrimtabException.class)
        .hasMessage("The model's chat template refuses the conversation: no system role here")
        .extracting("code")
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% if messages %}",
        "{{ messages[0].content[0].text | nosuch }}",
        "{% for m in messages if m.role == 'user' %}{{ m.content[0].text }}{% endfor %}",
        "{{ nosuch(messages) }}",
        "{% nosuch %}",
        "nothing of the user's"
      })
  void aTemplateThatCannotWorkIsRefusedWhenRead(String jinja) {
    assertThatThrownBy(() -> template(jinja)).isInstanceOf(TrimtabException.class);
  }

  /** It is not tried in the other form: that would take as long again. */
  @Test
  void aTemplateThatTakesTooLongIsRefusedWhenRead() {
    String endless =
        "{% for i in range(1000) %}{% for j in range(1000) %}{% for k in range(1000) %}"
            + "{% endfor %}{% endfor %}{% endfor %}{{ messages[0].content[0].text }}";
    assertThatThrownBy(() -> template(endless))
        .isInstanceOf(TrimtabException.class)
        .hasMessage("The model's chat template takes longer than 10 s")
        .extracting("code")
        .isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
  }

  @Test
  void findsTheTemplateWhereverTheFolderKeepsIt(@TempDir Path folder) throws IOException {
    Path tokenizerConfig = folder.resolve("tokenizer_config.json");
    Files.writeString(
        tokenizerConfig,
        """
        {"bos_token": {"content": "<s>"}, "chat_template": [
          {"name": "tool_use", "template": "no"},
          {"name": "default", "template": "{{ bos_token }}list:{{ messages[0].content[0].text }}"}]}
        """);
    assertThat(hello(folder)).isEqualTo("<s>list:hello");
    Files.writeString(
        tokenizerConfig, "{\"chat_template\": \"text:{{ messages[0].content[0].text }}\"}");
    assertThat(hello(folder)).isEqualTo("text:hello");
    Files.writeString(
        folder.resolve("chat_template.json"),
        "{\"chat_template\": \"json:{{ messages[0].content[0].text }}\\n\"}");
    assertThat(hello(folder)).isEqualTo("json:hello");
    Files.writeString(
        folder.resolve("chat_template.jinja"), "jinja:{{ messages[0].content[0].text }}\r\n\r\n");
    assertThat(hello(folder)).isEqualTo("jinja:hello\n");
  }

  @Test
  void aFolderWithoutTemplateIsRefused(@TempDir Path folder) {
    assertThatThrownBy(() -> ChatTemplate.read(folder))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining("no chat template");
  }

  @Test
  void placeholderOfAStringTemplateIsTheFamilys() {
    assertThat(PicturePlaceholder.read(Shared.path("reference/qwen2_5-vl")))
        .isEqualTo("<|vision_start|><|image_pad|><|vision_end|>");
    assertThat(PicturePlaceholder.read(Shared.path("reference/llava-1.5"))).isEqualTo("<image>\n");
  }

  @Test
  void formatsDatesAsPython() {
    ZonedDateTime time = ZonedDateTime.of(2024, 7, 3, 14, 5, 9, 0, ZoneOffset.UTC);
    assertThat(TemplateFunctions.strftime(time, "%d %b %Y, %A %B %H:%M:%S %I%p %j 100%%"))
        .isEqualTo("03 Jul 2024, Wednesday July 14:05:09 02PM 185 100%");
  }

  private static String hello(Path folder) {
    return ChatTemplate.read(folder)
        .render(List.of(ChatMessage.text(Role.USER, "hello")), GenerationPrompt.ADD);
  }

  private static ChatTemplate template(String jinja) {
    return ChatTemplate.of(jinja, Map.of(), "<image>\n");
  }
}
