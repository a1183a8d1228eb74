package io.trimtab.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.ObjIntConsumer;

/**
 * tokenizer.json as data: its vocabulary, its added tokens, and the file rewritten so that the
 * tokenizers library recognises no special token in text. For use while loading only; a real one
 * takes some hundred megabytes of heap.
 */
final class TokenizerFile {
  /** What goes before and after a prompt by itself, for instance the token that begins a text. */
  record Frame(List<Integer> before, List<Integer> after) {}

  private final JsonNode root;
  private final List<AddedToken> addedTokens;

  private TokenizerFile(JsonNode root, List<AddedToken> addedTokens) {
    this.root = root;
    this.addedTokens = addedTokens;
  }

  /** Reads tokenizer.json; the tokens of {@code control} count as special whatever it says. */
  static TokenizerFile read(Path modelFolder, Set<Integer> control) {
    JsonNode root = JsonFile.read(modelFolder.resolve("tokenizer.json"));
    List<AddedToken> tokens = new ArrayList<>();
    for (JsonNode node : root.path("added_tokens")) {
      int id = node.path("id").intValue();
      tokens.add(
          new AddedToken(
              id,
              node.path("content").textValue(),
              node.path("single_word").booleanValue(),
              node.path("lstrip").booleanValue(),
              node.path("rstrip").booleanValue(),
              node.path("special").booleanValue() || control.contains(id)));
    }
    return new TokenizerFile(root, tokens);
  }

  List<AddedToken> specialTokens() {
    return addedTokens.stream().filter(AddedToken::special).toList();
  }

  /** All tokens with their text in the file's own spelling, added ones last. */
  void forEachToken(ObjIntConsumer<String> sink) {
    JsonNode vocabulary = root.path("model").path("vocab");
    if (vocabulary.isObject()) {
      vocabulary.properties().forEach(e -> sink.accept(e.getKey(), e.getValue().intValue()));
    } else {
      for (int id = 0; id < vocabulary.size(); id++) {
        sink.accept(vocabulary.get(id).get(0).textValue(), id);
      }
    }
    addedTokens.forEach(token -> sink.accept(token.content(), token.id()));
  }

  /** The largest id and one. */
  int vocabularySize() {
    int[] size = new int[1];
    forEachToken((token, id) -> size[0] = Math.max(size[0], id + 1));
    return size[0];
  }

  /** Whether decoding is no more than joining the tokens' bytes. */
  boolean decodesByteByByte() {
    JsonNode decoder = root.path("decoder");
    JsonNode steps = decoder.path("decoders");
    if (steps.size() == 1) {
      decoder = steps.get(0);
    }
    return "ByteLevel".equals(decoder.path("type").textValue());
  }

  /** Tokens {@code <0x00>} to {@code <0xFF>} that a ByteFallback decoder joins to characters. */
  Map<Integer, Byte> fallbackBytes() {
    Map<Integer, Byte> bytes = new HashMap<>();
    forEachToken(
        (token, id) -> {
          if (token.length() == 6 && token.matches("<0x[0-9A-F]{2}>")) {
            bytes.put(id, (byte) Integer.parseInt(token, 3, 5, 16));
          }
        });
    return bytes;
  }

  /** The special tokens that the file's post-processor puts around one text. */
  Frame frame() {
    JsonNode processor = root.path("post_processor");
    for (JsonNode step : processor.path("processors")) {
      if ("TemplateProcessing".equals(step.path("type").textValue())) {
        processor = step;
      }
    }
    List<Integer> before = new ArrayList<>();
    List<Integer> after = new ArrayList<>();
    List<Integer> side = before;
    for (JsonNode piece : processor.path("single")) {
      if (piece.has("Sequence")) {
        side = after;
        continue;
      }
      String name = piece.path("SpecialToken").path("id").asText();
      for (JsonNode id : processor.path("special_tokens").path(name).path("ids")) {
        side.add(id.intValue());
      }
    }
    return new Frame(List.copyOf(before), List.copyOf(after));
  }

  /**
   * The file without special tokens: those of the model's own vocabulary are no added tokens any
   * more, the others keep their ids under names that nobody can guess.
   */
  String withoutSpecialTokens() {
    ObjectNode copy = shallowCopy();
    Set<String> vocabulary = new HashSet<>();
    JsonNode vocab = root.path("model").path("vocab");
    if (vocab.isObject()) {
      vocab.fieldNames().forEachRemaining(vocabulary::add);
    } else {
      vocab.forEach(entry -> vocabulary.add(entry.get(0).textValue()));
    }
    String nonce = UUID.randomUUID().toString();
    Set<Integer> special = new HashSet<>();
    specialTokens().forEach(token -> special.add(token.id()));
    ArrayNode tokens = copy.putArray("added_tokens");
    for (JsonNode token : root.path("added_tokens")) {
      int id = token.path("id").intValue();
      if (!special.contains(id)) {
        tokens.add(token);
      } else if (!vocabulary.contains(token.path("content").textValue())) {
        ObjectNode renamed = tokens.addObject();
        renamed.setAll((ObjectNode) token);
        renamed.put("content", "\uFDD2%s:%d\uFDD3".formatted(nonce, id));
      }
    }
    return copy.toString();
  }

  /**
   * That file for text that does not begin a prompt, if it treats such text otherwise: a Metaspace
   * step of scheme "first" puts its mark before the first text only.
   */
  static Optional<String> insidePrompt(String withoutSpecialTokens) {
    String first = "\"prepend_scheme\":\"first\"";
    return withoutSpecialTokens.contains(first)
        ? Optional.of(withoutSpecialTokens.replace(first, "\"prepend_scheme\":\"never\""))
        : Optional.empty();
  }

  private ObjectNode shallowCopy() {
    if (!(root instanceof ObjectNode object) || !root.path("model").isObject()) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION, "tokenizer.json has no \"model\" object");
    }
    ObjectNode copy = JsonFile.JSON.createObjectNode();
    copy.setAll(object);
    copy.putNull("post_processor");
    copy.putNull("truncation");
    copy.putNull("padding");
    return copy;
  }
}
