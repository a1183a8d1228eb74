package io.trimtab.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.TrimtabException;
import io.trimtab.testing.Shared;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TextTokenizerTest {
  private static TextTokenizer qwen;

  @BeforeAll
  static void open() {
    qwen = TextTokenizer.read(Shared.path("reference/qwen2_5-vl"));
  }

  @AfterAll
  static void close() {
    qwen.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"<|im_end|>", "<|image_pad|>", "a<|im_start|>b", "<<|im_end|><|im_end|>"})
  void specialTokensInPlainTextStayText(String text) {
    int[] ids = qwen.encodePlain(text);
    assertThat(IntStream.of(ids)).noneMatch(qwen::isSpecial);
    assertThat(qwen.decode(ids, SpecialTokens.SKIP)).isEqualTo(text);
  }

  /** Byte-level pieces, and pieces of words with a fallback to bytes. */
  @ParameterizedTest
  @ValueSource(strings = {"models/dinghy-llava", "reference/qwen2_5-vl", "reference/llava-1.5"})
  void theBytesOfTokensJoinToTheirText(String folder) {
    try (TextTokenizer tokenizer = TextTokenizer.read(Shared.path(folder))) {
      for (String text : List.of("{\"a b\": [1, \"größe\"]}", "x  日本\n\t🙂e", "0 the red")) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int token : tokenizer.encodePlain("0" + text)) {
          bytes.writeBytes(tokenizer.bytesOf(token));
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8).strip()).isEqualTo("0" + text);
      }
      assertThat(tokenizer.bytesOf(tokenizer.vocabularySize())).isEmpty();
    }
    assertThat(qwen.bytesOf(qwen.specialId("<|im_end|>").orElseThrow())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "naïve",
        "日本語 🙂 e\u0301 → é",
        "a\u0000b",
        "\uFDD0\uFDD1\uFDD2",
        "\uD83D half"
      })
  void textComesBackAsItsComposedForm(String text) {
    String expected =
        Normalizer.normalize(text.replace("\uD83D half", "\uFFFD half"), Normalizer.Form.NFC);
    assertThat(qwen.decode(qwen.encodePlain(text), SpecialTokens.SKIP)).isEqualTo(expected);
  }

  @Test
  void aSpecialTokenThatPartsOrATemplateComplete() {
    TextGuard guard = qwen.guard();
    String joined =
        guard.protect("<|im_") + guard.protect("end|>") + "<|" + guard.protect("im_end");
    int[] ids = qwen.encodePrompt(new ProtectedText(joined + "|>"));
    assertThat(IntStream.of(ids)).noneMatch(qwen::isSpecial);
    assertThat(qwen.decode(ids, SpecialTokens.SKIP)).isEqualTo("<|im_end|><|im_end|>");
  }

  @Test
  void randomTextOfFragmentsIsNeverSpecialAndNeverChanged() {
    List<String> fragments =
        List.of(
            "<|", "im_end", "|>", "<|im_end|>", "<image>", "\uFDD0", "\uFDD1", "m", "e", " ", "x");
    Random random = new Random(11);
    for (int round = 0; round < 3_000; round++) {
      StringBuilder marked = new StringBuilder();
      StringBuilder text = new StringBuilder();
      for (int part = 0; part < 3; part++) {
        StringBuilder typed = new StringBuilder();
        for (int i = random.nextInt(5); i >= 0; i--) {
          typed.append(fragments.get(random.nextInt(fragments.size())));
        }
        text.append(typed);
        marked.append(qwen.guard().protect(typed.toString()));
      }
      ProtectedText prompt = new ProtectedText(marked.toString());
      assertThat(prompt.plain()).isEqualTo(text.toString());
      assertThat(IntStream.of(qwen.encodePrompt(prompt))).noneMatch(qwen::isSpecial);
    }
  }

  @Test
  void ordinaryTextIsNotMarked() {
    for (String text : List.of("Hello, what is in the picture?", " a < b ", "x|y", "")) {
      assertThat(qwen.guard().protect(text)).isEqualTo(text);
    }
  }

  @Test
  void specialTokensOfTheTemplateAreRecognised() {
    int[] ids = qwen.encodePrompt(new ProtectedText("<|im_start|>user\nHi<|im_end|>"));
    assertThat(ids[0]).isEqualTo(769);
    assertThat(ids[ids.length - 1]).isEqualTo(770);
    assertThat(qwen.decode(ids, SpecialTokens.SKIP)).isEqualTo("user\nHi");
    assertThat(qwen.decode(ids, SpecialTokens.KEEP)).isEqualTo("<|im_start|>user\nHi<|im_end|>");
    assertThat(qwen.specialId("<|im_end|>")).hasValue(770);
    assertThat(qwen.textOf(770)).isEqualTo("<|im_end|>");
    assertThat(qwen.vocabularySize()).isEqualTo(782);
  }

  @Test
  void theTextOfATokenIsDecodedOnce() {
    for (int token = 0; token < qwen.vocabularySize() + 2; token++) {
      assertThat(qwen.textOf(token)).isEqualTo(qwen.decode(new int[] {token}, SpecialTokens.KEEP));
    }
    for (int token = 0; token < qwen.vocabularySize(); token++) {
      assertThat(qwen.textOf(token)).isSameAs(qwen.textOf(token));
    }
  }

  @Test
  void answersTheSameFromManyThreads() throws Exception {
    String text = "What color is the circle in the middle of the picture? ".repeat(20);
    int[] expected = qwen.encodePlain(text);
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<int[]>> answers = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        answers.add(threads.submit(() -> qwen.encodePlain(text)));
      }
      for (Future<int[]> answer : answers) {
        assertThat(answer.get()).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llava-onevision", "qwen2_5-vl", "llava-1.5"})
  void streamedTextIsTheTextOfTheWholeSequence(String model) {
    try (TextTokenizer tokenizer = TextTokenizer.read(Shared.path("reference/" + model))) {
      checkStreams(tokenizer, new Random(3), tokenizer.vocabularySize() + 4);
    }
  }

  @Test
  void anUnfinishedCharacterIsHeldBack() {
    int[] bytes = qwen.encodePlain("🙂");
    assertThat(bytes.length).isGreaterThan(1);
    TokenTextStream stream = qwen.newStream();
    for (int i = 0; i < bytes.length - 1; i++) {
      assertThat(stream.append(bytes[i])).isEmpty();
    }
    assertThat(stream.append(bytes[bytes.length - 1])).isEqualTo("🙂");
    assertThat(stream.append(bytes[0])).isEmpty();
    assertThat(stream.finish()).isEqualTo("\uFFFD");
    assertThat(stream.finish()).isEmpty();
  }

  @Test
  void llamasTokenizerBeginsTextsStreamsByteTokensAndNeedsNoTemplateForItsFirstToken(
      @TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), LlamaLikeTokenizer.json());
    try (TextTokenizer tokenizer = TextTokenizer.read(folder)) {
      int bos = tokenizer.specialId("<s>").orElseThrow();
      int image = tokenizer.specialId("<image>").orElseThrow();
      int[] ids = tokenizer.encodePrompt(new ProtectedText("a b<image>é"));
      assertThat(ids[0]).isEqualTo(bos);
      assertThat(ids).containsOnlyOnce(image);
      assertThat(tokenizer.encodePrompt(new ProtectedText("<s>a b<image>é")))
          .startsWith(bos)
          .containsOnlyOnce(bos);
      assertThat(tokenizer.decode(ids, SpecialTokens.KEEP)).startsWith("<s>a b<image>");
      assertThat(IntStream.of(tokenizer.encodePlain("</s>"))).noneMatch(tokenizer::isSpecial);
      checkStreams(tokenizer, new Random(5), tokenizer.vocabularySize());
    }
  }

  @Test
  void aFolderWithoutTokenizerIsRefused(@TempDir Path folder) {
    assertThatThrownBy(() -> TextTokenizer.read(folder))
        .isInstanceOf(TrimtabException.class)
        .hasMessage("The checkpoint folder lacks tokenizer.json");
  }

  private static void checkStreams(TextTokenizer tokenizer, Random random, int idBound) {
    for (int round = 0; round < 2_000; round++) {
      int[] ids =
          IntStream.range(0, random.nextInt(12)).map(i -> random.nextInt(idBound)).toArray();
      TokenTextStream stream = tokenizer.newStream();
      StringBuilder text = new StringBuilder();
      for (int id : ids) {
        text.append(stream.append(id));
      }
      assertThat(text.append(stream.finish()).toString())
          .as("round %d: %s", round, Arrays.toString(ids))
          .isEqualTo(tokenizer.decode(ids, SpecialTokens.SKIP));
    }
  }
}
