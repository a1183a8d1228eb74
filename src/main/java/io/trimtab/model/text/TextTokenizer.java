package io.trimtab.model.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Text to token ids and back, with the tokenizers library over a folder's tokenizer.json.
 *
 * <p>Special tokens are recognised only where a chat template wrote them: the library itself gets a
 * tokenizer.json without any, and {@link #encodePrompt} finds them by the marks of {@link
 * TextGuard}. Where nobody typed one, the ids are those of transformers.
 *
 * <p>Safe for use by several threads; close it after the last use.
 */
public final class TextTokenizer implements AutoCloseable {
  private static final Map<String, String> OPTIONS =
      Map.of(
          "addSpecialTokens", "false",
          "truncation", "do_not_truncate",
          "padding", "do_not_pad",
          "modelMaxLength", String.valueOf(Integer.MAX_VALUE));

  private final HuggingFaceTokenizer plain;
  // For text that does not begin a prompt; the same as `plain` unless the file tells them apart.
  private final HuggingFaceTokenizer inside;
  private final SpecialTokenSplitter splitter;
  private final TextGuard guard;
  private final TokenizerFile.Frame frame;
  private final Map<Integer, String> specialContents;
  private final BitSet specialIds = new BitSet();
  private final Map<Integer, Byte> fallbackBytes;
  private final Optional<ByteVocabulary> byteVocabulary;
  private final int vocabularySize;

  /**
   * Texts of single tokens by id, each once somebody asked: a scoring step asks for tens of
   * thousands on the step loop's thread.
   */
  private final AtomicReferenceArray<@Nullable String> texts;

  private TextTokenizer(TokenizerFile file) {
    List<AddedToken> special = file.specialTokens();
    specialContents =
        special.stream().collect(Collectors.toMap(AddedToken::id, AddedToken::content));
    specialContents.keySet().forEach(specialIds::set);
    splitter = new SpecialTokenSplitter(special);
    guard = new TextGuard(special.stream().map(AddedToken::content).toList());
    frame = file.frame();
    fallbackBytes = file.fallbackBytes();
    vocabularySize = file.vocabularySize();
    texts = new AtomicReferenceArray<>(vocabularySize);
    byteVocabulary =
        file.decodesByteByByte() ? Optional.of(new ByteVocabulary(file)) : Optional.empty();
    String json = file.withoutSpecialTokens();
    plain = open(json);
    inside = TokenizerFile.insidePrompt(json).map(TextTokenizer::open).orElse(plain);
  }

  /**
   * Opens a folder's tokenizer.json. The tokens of {@code control}, such as the placeholder of a
   * picture, are special even if the file does not call them so.
   *
   * @throws TrimtabException FAILED_PRECONDITION if the file is missing or cannot be used
   */
  public static TextTokenizer read(Path modelFolder, int... control) {
    Set<Integer> controlIds = IntStream.of(control).boxed().collect(Collectors.toSet());
    return new TextTokenizer(TokenizerFile.read(modelFolder, controlIds));
  }

  private static HuggingFaceTokenizer open(String json) {
    // Else the library reports its use, and on a machine with CUDA fetches another native library.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    try {
      return HuggingFaceTokenizer.newInstance(
          new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), OPTIONS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "The tokenizers library refuses tokenizer.json: %s".formatted(e.getMessage()),
          e);
    }
  }

  /** The guard that must see every text of a user before a template does. */
  public TextGuard guard() {
    return guard;
  }

  /**
   * Ids of a rendered conversation, with those that the tokenizer puts around any text (for
   * instance a beginning token) unless the template wrote them already.
   */
  public int[] encodePrompt(ProtectedText prompt) {
    return encodePrompt(prompt, TokenFrame.ADD);
  }

  /** The same with or without the tokens around it. */
  public int[] encodePrompt(ProtectedText prompt, TokenFrame around) {
    IntStream.Builder ids = IntStream.builder();
    for (SpecialTokenSplitter.Section section : splitter.split(prompt.marked())) {
      switch (section) {
        case SpecialTokenSplitter.Section.Special(int id) -> ids.add(id);
        case SpecialTokenSplitter.Section.Plain(String text, int from) ->
            Arrays.stream(encode(from == 0 ? plain : inside, text)).forEach(ids::add);
      }
    }
    return switch (around) {
      case ADD -> framed(ids.build().toArray());
      case OMIT -> ids.build().toArray();
    };
  }

  /** Ids of a text in which no special token is recognised, with nothing put around it. */
  public int[] encodePlain(String text) {
    return text.isEmpty() ? new int[0] : encode(plain, text);
  }

  /**
   * The text of a sequence of tokens. Ids without a token have no text; bytes that form no
   * character are U+FFFD.
   */
  public String decode(int[] ids, SpecialTokens special) {
    return switch (special) {
      case SKIP -> decodePlain(IntStream.of(ids).filter(id -> !specialIds.get(id)).toArray());
      case KEEP -> {
        StringBuilder text = new StringBuilder();
        int from = 0;
        for (int i = 0; i <= ids.length; i++) {
          if (i == ids.length || specialIds.get(ids[i])) {
            text.append(decodePlain(Arrays.copyOfRange(ids, from, i)));
            text.append(i == ids.length ? "" : specialContents.get(ids[i]));
            from = i + 1;
          }
        }
        yield text.toString();
      }
    };
  }

  /** The text of one token by itself, special ones by name; parts of characters as U+FFFD. */
  public String textOf(int token) {
    if (token >= vocabularySize) {
      return decode(new int[] {token}, SpecialTokens.KEEP);
    }
    String known = texts.get(token);
    if (known != null) {
      return known;
    }
    String text = decode(new int[] {token}, SpecialTokens.KEEP);
    texts.set(token, text);
    return text;
  }

  /**
   * The bytes that a token adds to a text under way, be they whole characters or not; special
   * tokens and ids without a token add none.
   */
  public byte[] bytesOf(int token) {
    if (isSpecial(token)) {
      return new byte[0];
    }
    return byteVocabulary
        .map(vocabulary -> vocabulary.bytesOf(token))
        .orElseGet(
            () -> {
              Byte fallback = fallbackBytes.get(token);
              return fallback == null ? addedBytes(token) : new byte[] {fallback};
            });
  }

  /** For decoders that look at neighbours: what a text becomes longer by. */
  private byte[] addedBytes(int token) {
    int[] before = encodePlain("0");
    int[] with = Arrays.copyOf(before, before.length + 1);
    with[before.length] = token;
    String shorter = decodePlain(before);
    String longer = decodePlain(with);
    // What is no text by itself can't be told apart from what is none at all.
    return longer.startsWith(shorter) && longer.indexOf('\uFFFD') < 0
        ? longer.substring(shorter.length()).getBytes(StandardCharsets.UTF_8)
        : new byte[0];
  }

  /** A new stream of text from tokens. */
  public TokenTextStream newStream() {
    return new TokenTextStream(this);
  }

  /** The largest token id and one; a model's output head may have more rows. */
  public int vocabularySize() {
    return vocabularySize;
  }

  /** Whether that token is left out of text. */
  public boolean isSpecial(int token) {
    return specialIds.get(token);
  }

  /** The id of a special token by its text. */
  public OptionalInt specialId(String content) {
    return specialContents.entrySet().stream()
        .filter(entry -> entry.getValue().equals(content))
        .mapToInt(Map.Entry::getKey)
        .findFirst();
  }

  @Override
  public void close() {
    plain.close();
    if (inside != plain) {
      inside.close();
    }
  }

  Optional<ByteVocabulary> byteVocabulary() {
    return byteVocabulary;
  }

  boolean isFallbackByte(int token) {
    return fallbackBytes.containsKey(token);
  }

  private int[] framed(int[] ids) {
    int[] before = frame.before().stream().mapToInt(Integer::intValue).toArray();
    int[] after = frame.after().stream().mapToInt(Integer::intValue).toArray();
    boolean begins = startsWith(ids, before);
    return IntStream.concat(
            begins ? IntStream.empty() : IntStream.of(before),
            IntStream.concat(IntStream.of(ids), IntStream.of(after)))
        .toArray();
  }

  private static boolean startsWith(int[] ids, int[] head) {
    return ids.length >= head.length && Arrays.equals(ids, 0, head.length, head, 0, head.length);
  }

  private static int[] encode(HuggingFaceTokenizer tokenizer, String text) {
    long[] ids = tokenizer.encode(wellFormed(text), false, false).getIds();
    return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
  }

  private String decodePlain(int[] ids) {
    return ids.length == 0 ? "" : plain.decode(Arrays.stream(ids).asLongStream().toArray(), false);
  }

  /** Half a surrogate pair is no text, and the library must not see one: U+FFFD in its place. */
  private static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        int[] points = text.codePoints().map(TextTokenizer::scalar).toArray();
        return new String(points, 0, points.length);
      }
    }
    return text;
  }

  private static int scalar(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE
        ? 0xFFFD
        : codePoint;
  }
}
