package io.trimtab.model.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** A tokenizer.json of Llama's make in small: Metaspace, byte fallback, a beginning token. */
final class LlamaLikeTokenizer {
  private LlamaLikeTokenizer() {}

  static String json() {
    ObjectNode root = JsonFile.JSON.createObjectNode();
    root.put("version", "1.0").putNull("truncation").putNull("padding");
    ObjectNode model = JsonFile.JSON.createObjectNode();
    ObjectNode vocabulary = JsonFile.JSON.createObjectNode();
    for (String special : List.of("<unk>", "<s>", "</s>")) {
      vocabulary.put(special, vocabulary.size());
    }
    for (int octet = 0; octet < 256; octet++) {
      vocabulary.put("<0x%02X>".formatted(octet), vocabulary.size());
    }
    for (String token : List.of("▁", "a", "b", "s", "/", "<", ">", "▁a", "▁b", "ab")) {
      vocabulary.put(token, vocabulary.size());
    }
    ArrayNode added = root.putArray("added_tokens");
    for (String special : List.of("<unk>", "<s>", "</s>", "<image>")) {
      added
          .addObject()
          .put("id", vocabulary.path(special).asInt(vocabulary.size()))
          .put("content", special)
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    root.putNull("normalizer");
    root.putObject("pre_tokenizer")
        .put("type", "Metaspace")
        .put("replacement", "▁")
        .put("prepend_scheme", "first")
        .put("split", false);
    ObjectNode processor = root.putObject("post_processor").put("type", "TemplateProcessing");
    ArrayNode single = processor.putArray("single");
    single.addObject().putObject("SpecialToken").put("id", "<s>").put("type_id", 0);
    single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    processor.putArray("pair").addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    ObjectNode begin = processor.putObject("special_tokens").putObject("<s>").put("id", "<s>");
    begin.putArray("ids").add(1);
    begin.putArray("tokens").add("<s>");
    ArrayNode decoders = root.putObject("decoder").put("type", "Sequence").putArray("decoders");
    ObjectNode replace = decoders.addObject().put("type", "Replace");
    replace.putObject("pattern").put("String", "▁");
    replace.put("content", " ");
    decoders.addObject().put("type", "ByteFallback");
    decoders.addObject().put("type", "Fuse");
    decoders.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
    model.put("type", "BPE").putNull("dropout").put("unk_token", "<unk>");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", true).put("byte_fallback", true).put("ignore_merges", false);
    model.set("vocab", vocabulary);
    model.putArray("merges").add("▁ a").add("▁ b").add("a b");
    root.set("model", model);
    return root.toString();
  }
}
