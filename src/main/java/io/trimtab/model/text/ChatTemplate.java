package io.trimtab.model.text;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A checkpoint's chat template: a conversation in, the model's own layout of it out, as
 * transformers' {@code apply_chat_template} renders it.
 *
 * <p>A message's content is a list of {@code {"type": "image"}} and {@code {"type": "text", "text":
 * …}}. For a template that expects a string it is the placeholders of the pictures and then the
 * texts, a line each. Text is data: Jinja syntax in it stays as it is. Safe for use by several
 * threads.
 */
public final class ChatTemplate {
  /** What a template expects a message's content to be. */
  private enum ContentForm {
    LIST,
    STRING
  }

  private static final String PROBE = "a probe of the content";
  private static final String PROBE_KEY = "a probe of the key";

  private final JinjaTemplate jinja;
  private final ContentForm form;
  private final String placeholder;

  private ChatTemplate(TemplateSource source, Supplier<String> placeholder) {
    jinja = new JinjaTemplate(source);
    form = probe();
    this.placeholder = form == ContentForm.STRING ? placeholder.get() : "";
  }

  /**
   * Reads a folder's template.
   *
   * @throws TrimtabException FAILED_PRECONDITION if there is none, or it uses what is not
   *     supported; DEADLINE_EXCEEDED if it computes longer than 10 s for a word
   */
  public static ChatTemplate read(Path modelFolder) {
    return new ChatTemplate(
        TemplateSource.read(modelFolder), () -> PicturePlaceholder.read(modelFolder));
  }

  /**
   * A template from its text.
   *
   * @param variables special tokens by name, for instance {@code bos_token}
   * @param placeholder what stands for a picture if the template expects a string
   */
  public static ChatTemplate of(String jinja, Map<String, String> variables, String placeholder) {
    return new ChatTemplate(new TemplateSource(jinja, variables), () -> placeholder);
  }

  /**
   * The conversation as the model reads it.
   *
   * @throws TrimtabException INVALID_ARGUMENT if the template refuses the conversation (its own
   *     words are in the message) or the result is too long; DEADLINE_EXCEEDED if rendering
   *     computes longer than 2 s or takes longer than 30; FAILED_PRECONDITION if the template is
   *     broken
   */
  public String render(List<ChatMessage> messages, GenerationPrompt generationPrompt) {
    return render(messages, generationPrompt, text -> text);
  }

  /** The same with what users wrote marked by a guard. */
  public ProtectedText render(
      List<ChatMessage> messages, GenerationPrompt generationPrompt, TextGuard guard) {
    return new ProtectedText(render(messages, generationPrompt, guard::protect));
  }

  private String render(
      List<ChatMessage> messages,
      GenerationPrompt generationPrompt,
      UnaryOperator<String> textOfUser) {
    List<Map<String, Object>> turns =
        messages.stream().map(message -> turn(message, textOfUser)).toList();
    return jinja.render(variables(turns, generationPrompt));
  }

  private Map<String, Object> turn(ChatMessage message, UnaryOperator<String> textOfUser) {
    Object content =
        switch (form) {
          case LIST -> message.parts().stream().map(part -> item(part, textOfUser)).toList();
          case STRING -> string(message, textOfUser);
        };
    return Map.of("role", message.role().wireName(), "content", content);
  }

  private static Map<String, Object> item(ContentPart part, UnaryOperator<String> textOfUser) {
    return switch (part) {
      case PicturePart ignored -> Map.of("type", "image");
      case TextPart(String text) -> Map.of("type", "text", "text", textOfUser.apply(text));
    };
  }

  private String string(ChatMessage message, UnaryOperator<String> textOfUser) {
    StringBuilder text = new StringBuilder();
    message.pictures().forEach(picture -> text.append(placeholder));
    String separator = "";
    for (ContentPart part : message.parts()) {
      if (part instanceof TextPart(String words)) {
        text.append(separator).append(textOfUser.apply(words));
        separator = "\n";
      }
    }
    return text.toString();
  }

  private static Map<String, Object> variables(
      List<Map<String, Object>> turns, GenerationPrompt generationPrompt) {
    Map<String, Object> variables = new HashMap<>();
    variables.put("messages", turns);
    variables.put("add_generation_prompt", generationPrompt == GenerationPrompt.ADD);
    return variables;
  }

  /** A list is right if its text comes out and nothing else of its structure. */
  private ContentForm probe() {
    Map<String, Object> part = Map.of("type", "text", "text", PROBE, PROBE_KEY, "");
    if (accepts(List.of(part))) {
      return ContentForm.LIST;
    }
    if (accepts(PROBE)) {
      return ContentForm.STRING;
    }
    throw new TrimtabException(
        ErrorCode.FAILED_PRECONDITION,
        "The chat template shows a user's text neither from a list of parts nor from a string");
  }

  private boolean accepts(Object content) {
    Map<String, Object> turn = Map.of("role", Role.USER.wireName(), "content", content);
    try {
      String text = jinja.renderFirst(variables(List.of(turn), GenerationPrompt.OMIT));
      return text.contains(PROBE) && !text.contains(PROBE_KEY);
    } catch (TrimtabException e) {
      // What takes too long would take as long again, and says nothing of the form.
      if (content instanceof String || e.code() == ErrorCode.DEADLINE_EXCEEDED) {
        throw e;
      }
      return false;
    }
  }
}
