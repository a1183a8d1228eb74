package io.trimtab.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keyword by keyword: what may be said and what may not. */
class SchemaCompilerTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"a\":1}",
        "{\"a\":{\"b\":[1,2.5e-3,-0,true,null,\"x\"]}}",
        "{\"a\": 1, \"b\": [1, 2]}",
        "{\n  \"a\": 1,\n  \"b\": [\n    1,\n    2\n  ]\n}",
        "{\n\t\"a\": {}\n}",
        "{\"\\u00e9\\ud83d\\ude00\\/\\n\":\"\\\"é😀\"}"
      })
  void anyObjectIsJson(String text) {
    ByteTexts texts = new ByteTexts(SchemaCompiler.anyObject());
    assertThat(texts.accepts(text)).isTrue();
    assertThat(texts.ends(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " {}",
        "[]",
        "1",
        "\"a\"",
        "{a",
        "{\"a\" :",
        "{\"a\":  1",
        "{\"a\":01",
        "{\"a\":1.}",
        "{\"a\":.5",
        "{\"a\":+1",
        "{\"a\":1e",
        "{\"a\":1e1234",
        "{\"a\":1,}",
        "{,",
        "{\"a\":[1,]",
        "{\"a\":tru,",
        "{\"a\":\"\t",
        "{\"a\":\"\\x",
        "{\"a\":\"\\ud800\"",
        "{\"a\":\"\\udc00",
        "{\"a\":1}}",
        "{} ",
        "{\n\n",
        "{\r",
        "{\"a\":'"
      })
  void whatIsNoObjectIsStopped(String text) {
    ByteTexts texts = new ByteTexts(SchemaCompiler.anyObject());
    assertThat(
            texts.begins(text) && !text.endsWith("}") && !text.endsWith("e") || texts.accepts(text))
        .isFalse();
  }

  @Test
  void whiteSpaceHasAnEnd() {
    ByteTexts texts = ByteTexts.of("{\"type\":\"object\"}");
    assertThat(texts.begins("{\n    \"")).isTrue();
    assertThat(texts.begins("{\n     ")).isFalse();
    assertThat(texts.begins("{\"a\":[\n        1")).isTrue();
    assertThat(texts.begins("{\"a\":[\n         ")).isFalse();
    assertThat(texts.begins("{\"a\":1\n}")).isTrue();
    assertThat(texts.begins("{\"a\":1\n }")).isFalse();
    assertThat(texts.begins("{\"a\":1 ,")).isFalse();
  }

  @Test
  void membersComeInTheirOrderAndOnlyRequiredOnesMust() {
    ByteTexts texts =
        ByteTexts.of(
            """
            {"type":"object","additionalProperties":false,"required":["b"],"properties":{
              "a":{"type":"integer"},"b":{"type":"boolean"},"c":{"type":"null"}}}""");
    assertThat(texts.accepts("{\"a\":1,\"b\":true,\"c\":null}")).isTrue();
    assertThat(texts.accepts("{\"b\":true,\"c\":null}")).isTrue();
    assertThat(texts.accepts("{\"b\":true}")).isTrue();
    assertThat(texts.ends("{\"a\":1,\"b\":true}")).isTrue();
    assertThat(texts.begins("{}")).isFalse();
    assertThat(texts.begins("{\"a\":1}")).isFalse();
    assertThat(texts.begins("{\"c")).isFalse();
    assertThat(texts.begins("{\"b\":true,\"a")).isFalse();
    assertThat(texts.begins("{\"b\":true,\"b")).isFalse();
    assertThat(texts.begins("{\"b\":true,\"c\":null,")).isFalse();
    assertThat(texts.begins("{\"a\":1.5")).isFalse();
  }

  @Test
  void otherMembersComeLastAndAreNoListedOnes() {
    ByteTexts texts =
        ByteTexts.of(
            """
            {"type":"object","required":["a"],"additionalProperties":{"type":"integer"},
             "properties":{"a":{"type":"boolean"},"ab\\"é":{"type":"boolean"}}}""");
    assertThat(texts.accepts("{\"a\":true,\"ab\\\"é\":true,\"x\":1,\"ab\":2,\"\":3,\"é😀\":4}"))
        .isTrue();
    assertThat(texts.begins("{\"x")).isFalse();
    assertThat(texts.begins("{\"a\":true,\"a\"")).isFalse();
    assertThat(texts.begins("{\"a\":true,\"\\u0061")).isFalse();
    assertThat(texts.begins("{\"a\":true,\"x\":1,\"ab\\\"é\"")).isFalse();
    assertThat(texts.begins("{\"a\":true,\"x\":true")).isFalse();
  }

  @Test
  void elementsAreCountedAndThePrefixIsTheirs() {
    ByteTexts texts =
        ByteTexts.of(
            """
            {"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],
             "items":{"type":"null"},"minItems":1,"maxItems":4}""");
    assertThat(texts.accepts("[1]")).isTrue();
    assertThat(texts.accepts("[1,\"a\",null,null]")).isTrue();
    assertThat(texts.begins("[]")).isFalse();
    assertThat(texts.begins("[\"a")).isFalse();
    assertThat(texts.begins("[1,null")).isFalse();
    assertThat(texts.begins("[1,\"a\",null,null,")).isFalse();
    ByteTexts closed =
        ByteTexts.of("{\"prefixItems\":[{\"type\":\"null\"}],\"items\":false,\"type\":\"array\"}");
    assertThat(closed.accepts("[null]")).isTrue();
    assertThat(closed.accepts("[]")).isTrue();
    assertThat(closed.begins("[null,")).isFalse();
  }

  @Test
  void charactersAreCountedHoweverTheyAreWritten() {
    ByteTexts texts = ByteTexts.of("{\"type\":\"string\",\"minLength\":2,\"maxLength\":3}");
    assertThat(texts.accepts("\"é😀\"")).isTrue();
    assertThat(texts.accepts("\"\\u00e9\\ud83d\\ude00\\n\"")).isTrue();
    assertThat(texts.begins("\"a\"")).isFalse();
    assertThat(texts.begins("\"abcd")).isFalse();
    assertThat(texts.begins("\"abc\\")).isFalse();
    assertThat(ByteTexts.of("{\"type\":\"string\",\"maxLength\":0}").ends("\"\"")).isTrue();
  }

  @Test
  void listedValuesAreThoseThatSatisfyTheRest() {
    ByteTexts texts =
        ByteTexts.of(
            """
            {"type":["string","integer"],"minLength":2,"maximum":10,
             "enum":["a","red","re",10,11,1.5,null,12]}""");
    assertThat(texts.accepts("\"red\"")).isTrue();
    assertThat(texts.accepts("\"re\"")).isTrue();
    assertThat(texts.accepts("10")).isTrue();
    for (String not : new String[] {"\"a", "11", "1.", "null", "12"}) {
      assertThat(texts.begins(not)).as(not).isFalse();
    }
  }

  @Test
  void listedValuesMayBeObjects() {
    ByteTexts texts = ByteTexts.of("{\"enum\":[{\"a\":[1,{}],\"b\":\"x\"},[],1]}");
    assertThat(texts.accepts("{\"a\": [1, {}], \"b\": \"x\"}")).isTrue();
    assertThat(texts.accepts("[]")).isTrue();
    assertThat(texts.accepts("1")).isTrue();
    assertThat(texts.begins("{\"a\":[1,{}]}")).isFalse();
  }

  @Test
  void alternativesAreFollowedTogetherUntilTheyPart() {
    ByteTexts texts =
        ByteTexts.of(
            """
            {"anyOf":[
              {"type":"object","required":["kind","r"],"additionalProperties":false,
               "properties":{"kind":{"const":"circle"},"r":{"type":"number"}}},
              {"type":"object","required":["kind","w"],"additionalProperties":false,
               "properties":{"kind":{"const":"cube"},"w":{"type":"integer"}}},
              {"type":"null"}]}""");
    assertThat(texts.accepts("{\"kind\":\"circle\",\"r\":1.5}")).isTrue();
    assertThat(texts.accepts("{\"kind\":\"cube\",\"w\":1}")).isTrue();
    assertThat(texts.accepts("null")).isTrue();
    assertThat(texts.begins("{\"kind\":\"circle\",\"w")).isFalse();
    assertThat(texts.begins("{\"kind\":\"cube\",\"r")).isFalse();
  }

  @Test
  void whatStandsBesideAlternativesHoldsForEach() {
    ByteTexts texts =
        ByteTexts.of(
            """
            {"type":"object","required":["id"],"properties":{"id":{"type":"integer"},"a":{},"b":{}},
             "additionalProperties":false,"anyOf":[{"required":["a"]},{"required":["b"]}]}""");
    assertThat(texts.accepts("{\"id\":1,\"a\":2}")).isTrue();
    assertThat(texts.accepts("{\"id\":1,\"b\":2}")).isTrue();
    assertThat(texts.accepts("{\"id\":1,\"a\":2,\"b\":2}")).isTrue();
    assertThat(texts.begins("{\"id\":1}")).isFalse();
  }

  @Test
  void allOfMeansAllOfThem() {
    ByteTexts texts =
        ByteTexts.of(
            """
            {"allOf":[{"$ref":"#/$defs/named"},
                      {"properties":{"name":{"maxLength":2},"age":{"type":"integer"}}},
                      {"type":"object","required":["age"]}],
             "$defs":{"named":{"properties":{"name":{"type":"string","minLength":1}},
                               "required":["name"]}}}""");
    assertThat(texts.accepts("{\"name\":\"ab\",\"age\":1}")).isTrue();
    assertThat(texts.begins("{\"name\":\"\"")).isFalse();
    assertThat(texts.begins("{\"name\":\"abc")).isFalse();
    assertThat(texts.begins("{\"name\":\"ab\"}")).isFalse();
    assertThat(texts.begins("{\"name\":\"ab\",\"age\":\"")).isFalse();
  }

  @Test
  void referencesMayRecur() {
    ByteTexts texts =
        ByteTexts.of(
            """
            {"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","additionalProperties":false,
              "required":["v"],"properties":{"v":{"type":"integer"},
              "sub":{"type":"array","items":{"$ref":"#/%24defs/tree"}}}}}}""");
    assertThat(texts.accepts("{\"v\":1,\"sub\":[{\"v\":2,\"sub\":[]},{\"v\":3}]}")).isTrue();
    assertThat(texts.begins("{\"v\":1,\"sub\":[{\"sub")).isFalse();
  }

  @Test
  void withoutATypeAKeywordConcernsItsOwnTypeAlone() {
    ByteTexts texts = ByteTexts.of("{\"minLength\":2,\"minimum\":3,\"required\":[\"a\"]}");
    assertThat(texts.accepts("\"ab\"")).isTrue();
    assertThat(texts.begins("\"a\"")).isFalse();
    assertThat(texts.accepts("3")).isTrue();
    assertThat(texts.accepts("[2]")).isTrue();
    assertThat(texts.begins("{}")).isFalse();
    assertThat(texts.accepts("{\"a\":2}")).isTrue();
    assertThat(texts.accepts("true")).isTrue();
  }

  @Test
  void aNumberMayGoOnAndIsCompleteAllTheSame() {
    ByteTexts texts = ByteTexts.of("{\"type\":\"number\"}");
    assertThat(texts.accepts("12")).isTrue();
    assertThat(texts.ends("12")).isFalse();
    assertThat(texts.accepts("12.")).isFalse();
    assertThat(texts.accepts("-12.5E+3")).isTrue();
  }

  /** At the deepest level no array or object begins, and what must come still can. */
  @Test
  void nestingHasAnEnd() {
    ByteTexts texts = ByteTexts.of("{\"type\":\"array\"}");
    assertThat(texts.begins("[".repeat(Grammar.DEPTH_MAX))).isTrue();
    assertThat(texts.begins("[".repeat(Grammar.DEPTH_MAX + 1))).isFalse();
    assertThat(texts.accepts("[".repeat(Grammar.DEPTH_MAX) + "]".repeat(Grammar.DEPTH_MAX)))
        .isTrue();
    ByteTexts list =
        ByteTexts.of(
            """
            {"type":"object","required":["next"],
             "properties":{"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}}}""");
    String deepest = "{\"next\":".repeat(Grammar.DEPTH_MAX);
    assertThat(list.begins(deepest + "{")).isFalse();
    assertThat(list.accepts(deepest + "null" + "}".repeat(Grammar.DEPTH_MAX))).isTrue();
  }
}
