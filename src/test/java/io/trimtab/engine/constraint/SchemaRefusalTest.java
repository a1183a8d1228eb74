package io.trimtab.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trimtab.engine.api.ResponseFormat;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can't be enforced is refused, and the message says where. */
class SchemaRefusalTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'string','pattern':'^a'} | '/pattern' is not supported; supported are",
        "{'properties':{'a/b':{'items':{'format':'date'}}}} | '/properties/a~1b/items/format' is"
            + " not",
        "{'anyOf':[{},{'multipleOf':2}]} | '/anyOf/1/multipleOf' is not supported",
        "{'$defs':{'x':{'not':{}}},'$ref':'#/$defs/x'} | '/$defs/x/not' is not supported",
        "{'type':'text'} | '/type' names an unknown type, expected one of object, array",
        "{'type':[]} | '/type' names no type",
        "{'type':3} | '/type' is not a list of strings",
        "{'items':[{}]} | '/items' is not a schema, expected an object or a boolean",
        "{'anyOf':[]} | '/anyOf' is not a list of schemas",
        "{'properties':[]} | '/properties' is not an object",
        "{'required':'a'} | '/required' is not a list of names",
        "{'enum':'a'} | '/enum' is not a list of values",
        "{'minLength':-1} | '/minLength' is not a count",
        "{'minItems':1.5} | '/minItems' is not a count",
        "{'exclusiveMinimum':true} | '/exclusiveMinimum' is not a number",
        "{'minimum':1e400} | '/minimum' has too many digits",
        "{'uniqueItems':true} | '/uniqueItems' can't be enforced",
        "{'minProperties':1} | '/minProperties' is above the number of required members (0)",
        "{'maxProperties':1} | '/maxProperties' is supported from",
        "{'$ref':'http://x/y'} | '/$ref' is not a reference into this schema",
        "{'$ref':'#/$defs/a'} | '/$ref' refers to nothing",
        "{'$ref':'#a'} | '/$ref' names an anchor",
        "{'$ref':'#/%zz'} | '/$ref' has a %",
        "{'$ref':'#'} | '/' refers to itself with nothing in between",
        "{'enum':[{}],'required':['a']} | '/required' is not supported beside a listed array",
      })
  void saysWhere(String schema, String message) {
    TrimtabException refusal = refusal(schema.replace('\'', '"'));
    assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refusal).hasMessageStartingWith("The schema at " + message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "false",
        "{\"enum\":[]}",
        "{\"type\":\"string\",\"enum\":[1]}",
        "{\"type\":\"string\",\"minLength\":2,\"maxLength\":1}",
        "{\"type\":\"integer\",\"minimum\":1.2,\"maximum\":1.8}",
        "{\"type\":\"number\",\"minimum\":1,\"exclusiveMaximum\":1}",
        "{\"type\":\"array\",\"items\":false,\"minItems\":1}",
        "{\"type\":\"object\",\"required\":[\"a\"],\"additionalProperties\":false}",
        "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"$ref\":\"#\"}}}",
        "{\"allOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}",
        "{\"anyOf\":[{\"$ref\":\"#\"}]}",
        "{\"const\":1,\"enum\":[2]}"
      })
  void whatAdmitsNothing(String schema) {
    assertThat(refusal(schema)).hasMessageStartingWith("The schema admits no value");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{} {}", "{\"a\":1,\"a\":2}", "{'a':1}", "nul"})
  void whatIsNoJson(String schema) {
    assertThatThrownBy(() -> SchemaCompiler.compile(schema))
        .isInstanceOf(TrimtabException.class)
        .hasMessageMatching("(?s)The schema (is not JSON|at '/' is not a schema).*");
  }

  @Test
  void annotationsAreIgnored() {
    ByteTexts texts =
        ByteTexts.of(
            """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","title":"t","type":"boolean",
             "description":"d","default":true,"examples":[1],"deprecated":true,"$comment":"c"}\
            """);
    assertThat(texts.accepts("true")).isTrue();
  }

  @Test
  void deepText() {
    String deep = "{\"items\":".repeat(2000) + "{}" + "}".repeat(2000);
    assertThat(refusal(deep)).hasMessageContaining("nesting depth");
    String deeper = "{\"type\":\"array\",\"minItems\":1,\"items\":";
    assertThat(refusal(deeper.repeat(65) + "{}" + "}".repeat(65)))
        .hasMessage(
            "The schema demands 65 arrays and objects inside each other, expected at most 64");
  }

  @Test
  void longText() {
    assertThatThrownBy(
            () ->
                new ResponseFormat.JsonSchema(
                    " ".repeat(ResponseFormat.JsonSchema.SCHEMA_BYTES_MAX + 1)))
        .hasMessage("The schema has 131073 bytes, expected at most 131072");
  }

  /** Thirty lists of two alternatives each: a thousand million combinations. */
  @Test
  void combinationsThatMultiply() {
    String pairs =
        IntStream.range(0, 30)
            .mapToObj(
                i ->
                    "{\"anyOf\":[{\"required\":[\"a%d\"]},{\"required\":[\"b%d\"]}]}"
                        .formatted(i, i))
            .collect(Collectors.joining(","));
    assertThat(refusal("{\"type\":\"object\",\"allOf\":[" + pairs + "]}"))
        .hasMessageContaining("too large");
  }

  /** Every alternative would have a thousand names of its own. */
  @Test
  void namesThatMultiply() {
    String names =
        IntStream.range(0, 1000)
            .mapToObj(i -> "\"a name of some length, and its number %d\":{}".formatted(i))
            .collect(Collectors.joining(","));
    String alternatives =
        IntStream.range(0, 1000)
            .mapToObj(i -> "{\"required\":[\"a%d\"]}".formatted(i))
            .collect(Collectors.joining(","));
    assertThat(refusal("{\"properties\":{" + names + "},\"anyOf\":[" + alternatives + "]}"))
        .hasMessageContaining("too large");
  }

  /** Every alternative would spell all of the listed words, or the one long one, once more. */
  @Test
  void listedValuesThatMultiply() {
    String alternatives = "\"anyOf\":[" + "{\"minLength\":1},".repeat(1999) + "{\"minLength\":1}]}";
    assertThat(refusal("{\"enum\":[" + words(2000, 0) + "]," + alternatives))
        .hasMessageContaining("too large");
    assertThat(refusal("{\"const\":\"" + "x".repeat(20_000) + "\"," + alternatives))
        .hasMessageContaining("too large");
    String names = words(2000, 0).replace(",", ":0,") + ":0";
    assertThat(refusal("{\"const\":{" + names + "}," + alternatives))
        .hasMessageContaining("too large");
  }

  /** Nothing is in both lists, which every alternative would find out anew. */
  @Test
  void comparisonsThatMultiply() {
    String lists =
        "{\"allOf\":[{\"enum\":[%s]},{\"enum\":[%s]}],".formatted(words(500, 0), words(500, 500));
    String alternatives = "\"anyOf\":[" + "{\"minLength\":1},".repeat(1999) + "{\"minLength\":1}]}";
    assertThat(refusal(lists + alternatives)).hasMessageContaining("too large");
  }

  /** Lists as long as someone may mean are taken, narrowed by each other too. */
  @Test
  void longListsAreTaken() {
    ByteTexts texts =
        ByteTexts.of(
            "{\"allOf\":[{\"enum\":[%s]},{\"enum\":[%s]}]}"
                .formatted(words(2000, 0), words(2000, 1999)));
    assertThat(texts.accepts("\"word 1999\"")).isTrue();
    assertThat(texts.accepts("\"word 1998\"")).isFalse();
    String most = "{\"enum\":[" + "0,".repeat((128 << 10) / 2 - 6) + "1]}";
    assertThat(most).hasSize(ResponseFormat.JsonSchema.SCHEMA_BYTES_MAX);
    assertThat(ByteTexts.of(most).accepts("1")).isTrue();
  }

  private static String words(int count, int first) {
    return IntStream.range(first, first + count)
        .mapToObj("\"word %d\""::formatted)
        .collect(Collectors.joining(","));
  }

  /** Each of two thousand members would have to satisfy two thousand schemas. */
  @Test
  void schemasThatMultiply() {
    String members =
        IntStream.range(0, 2000)
            .mapToObj(i -> "\"a%d\":{}".formatted(i))
            .collect(Collectors.joining(","));
    String others =
        IntStream.range(0, 2000)
            .mapToObj(i -> "{\"additionalProperties\":{\"maxLength\":%d}}".formatted(i))
            .collect(Collectors.joining(","));
    assertThat(refusal("{\"allOf\":[" + others + ",{\"properties\":{" + members + "}}]}"))
        .hasMessageContaining("too large");
  }

  @Test
  void rangesWithoutNumber() {
    String ranges =
        IntStream.range(0, 1000)
            .mapToObj(
                i ->
                    "\"a%d\":{\"minimum\":-1234567890123456.%d1,\"maximum\":1234567890123456.%d3}"
                        .formatted(i, i, i))
            .collect(Collectors.joining(","));
    assertThat(refusal("{\"properties\":{" + ranges + "}}")).hasMessageContaining("too large");
  }

  @Test
  void namesInsideEachOther() {
    String name = "n".repeat(2000);
    String inside = "{\"properties\":{\"%s\":".formatted(name).repeat(3) + "{}" + "}}".repeat(3);
    assertThat(refusal(inside)).hasMessageContaining("longer than 4096 characters");
  }

  @Test
  void chainsOfReferences() {
    String chain =
        IntStream.range(0, 3000)
            .mapToObj(i -> "\"d%d\":{\"$ref\":\"#/$defs/d%d\"}".formatted(i, i + 1))
            .collect(Collectors.joining(","));
    ByteTexts texts =
        ByteTexts.of(
            "{\"$ref\":\"#/$defs/d0\",\"$defs\":{" + chain + ",\"d3000\":{\"type\":\"null\"}}}");
    assertThat(texts.accepts("null")).isTrue();
  }

  /** As deep as fits the bytes of a schema, which is deeper than a stack. */
  @Test
  void chainsOfNestedConjunctions() {
    StringBuilder chain = new StringBuilder("{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
    int definitions = 80;
    for (int i = 0; i < definitions; i++) {
      chain.append("\"d%d\":".formatted(i)).append("{\"allOf\":[".repeat(120));
      chain.append("{\"$ref\":\"#/$defs/d%d\"}".formatted(i + 1)).append("]}".repeat(120));
      chain.append(',');
    }
    chain.append("\"d%d\":{\"type\":\"null\"}}}".formatted(definitions));
    assertThat(chain).hasSizeLessThan(128 << 10);
    assertThat(ByteTexts.of(chain.toString()).accepts("null")).isTrue();
  }

  @Test
  void alternativesWithoutNumber() {
    String many =
        IntStream.range(0, 200)
            .mapToObj(i -> "{\"type\":\"string\",\"minLength\":%d}".formatted(i))
            .collect(Collectors.joining(","));
    assertThat(refusal("{\"anyOf\":[" + many + "]}"))
        .hasMessage("The schema leaves more than 128 alternatives open in one place");
  }

  private static TrimtabException refusal(String schema) {
    return catchThrowableOfType(TrimtabException.class, () -> SchemaCompiler.compile(schema));
  }
}
