package io.trimtab.serving.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.serving.http.FieldException;
import java.util.List;

/**
 * Refuses what a client may ask for and does not get here: an answer that silently lacks it would
 * mislead. Other fields that are unknown are let pass, since clients keep sending new ones.
 */
final class Unsupported {
  private static final List<String> TOOLS = List.of("tools", "functions");
  private static final List<String> CONSTRAINTS =
      List.of(
          "guided_json", "guided_regex", "guided_choice", "guided_grammar", "structured_outputs");
  private static final List<String> FLAGS =
      List.of("use_beam_search", "continue_final_message", "echo");
  private static final List<String> VALUES =
      List.of("prompt_logprobs", "suffix", "prompt_embeds", "audio");

  private Unsupported() {}

  static void refuse(JsonFields request) {
    single(request, "n");
    single(request, "best_of");
    TOOLS.stream()
        .filter(name -> request.get(name).size() > 0)
        .forEach(name -> refuse(request, name, "no " + name + ": the model calls none"));
    CONSTRAINTS.stream()
        .filter(request::has)
        .forEach(name -> refuse(request, name, "response_format in its place"));
    FLAGS.stream()
        .filter(name -> request.flag(name).orElse(false))
        .forEach(name -> refuse(request, name, "false"));
    VALUES.stream()
        .filter(name -> request.has(name) && !isNothing(request.get(name)))
        .forEach(name -> refuse(request, name, "none"));
  }

  private static boolean isNothing(JsonNode value) {
    return value.isTextual() && value.textValue().isEmpty();
  }

  private static void single(JsonFields request, String name) {
    int count = request.whole(name).orElse(1);
    if (count != 1) {
      throw FieldException.invalid(
          request.path(name),
          "%s is %d, expected 1: a request has one answer".formatted(name, count));
    }
  }

  private static void refuse(JsonFields request, String name, String expected) {
    throw FieldException.invalid(
        request.path(name), "%s is not supported, expected %s".formatted(name, expected));
  }
}
