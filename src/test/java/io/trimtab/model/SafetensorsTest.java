package io.trimtab.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import io.trimtab.testing.TensorFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("w.safetensors");
  }

  private Map<String, Tensor> map() throws IOException {
    return Safetensors.map(file, Arena.ofAuto());
  }

  private void assertUnsound(String message) {
    assertThatThrownBy(this::map)
        .isInstanceOfSatisfying(
            TrimtabException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessage("w.safetensors is not a sound safetensors file: " + message);
  }

  /** A header in which ' stands for ". */
  private void write(String header, int dataBytes) {
    TensorFile.write(file, header.replace('\'', '"'), new byte[dataBytes]);
  }

  @Test
  void tensorsAreFoundInFileOrderWithTheirValues() throws IOException {
    byte[] floats = {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40};
    new TensorFile(Map.of())
        .with("z", DType.F32, new long[] {2, 1}, floats)
        .with("a", DType.BF16, new long[] {}, new byte[] {(byte) 0x40, 0x40})
        .write(file);
    Map<String, Tensor> tensors = map();
    assertThat(tensors.keySet()).containsExactly("z", "a");
    assertThat(tensors.values())
        .extracting(Tensor::shape)
        .containsExactly(Shape.of(2, 1), Shape.of());
    assertThat(tensors.values())
        .extracting(Floats::toArray)
        .containsExactly(new float[] {1, 2}, new float[] {3});
  }

  @Test
  void tensorsWithoutElementsAreSoundWhereverTheyStand() throws IOException {
    new TensorFile(Map.of())
        .with("first", DType.F16, new long[] {0, 3}, new byte[0])
        .with("full", DType.U8, new long[] {2}, new byte[2])
        .with("last", DType.F64, new long[] {5, 0}, new byte[0])
        .write(file);
    assertThat(map())
        .hasSize(3)
        .extractingByKey("last")
        .hasFieldOrPropertyWithValue("dtype", DType.F64);
  }

  @Test
  void everyTypeOfTheFormatThatHasOneHereIsRead() throws IOException {
    TensorFile all = new TensorFile(Map.of());
    for (DType dtype : DType.values()) {
      all = all.with(dtype.name(), dtype, new long[] {3}, new byte[3 * dtype.bytes()]);
    }
    all.write(file);
    map().forEach((name, tensor) -> assertThat(tensor.dtype()).hasToString(name));
  }

  @Test
  void aFileTooShortForItsHeadersLengthIsRefused() throws IOException {
    Files.write(file, new byte[7]);
    assertUnsound("expected an 8-byte header length, the file has 7 bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "9, 9",
    "-1, 18446744073709551615",
    "2147483648, 2147483648",
    "9223372036854775807, 9223372036854775807",
    "1, 1"
  })
  void aHeaderLengthThatTheFileDoesNotHoldIsRefused(long length, String said) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    Files.write(file, bytes.array());
    assertUnsound("expected a header of 2 to 8 bytes, its length field says " + said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{'a':", "no json", "{} {}", "{}]", "{'a': {'dtype': NaN}}"})
  void aHeaderThatIsNotOneJsonValueIsRefused(String header) {
    write(header, 0);
    assertThatThrownBy(this::map)
        .isInstanceOf(TrimtabException.class)
        .hasMessageStartingWith(
            "w.safetensors is not a sound safetensors file: the header is not JSON: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "  ", "null", "'text'"})
  void aHeaderThatIsNoJsonObjectIsRefused(String header) {
    write(header, 0);
    assertUnsound("expected a JSON object as header");
  }

  @Test
  void aHeaderInAnotherEncodingIsRefused() throws IOException {
    byte[] text = "{\"\u00e4\": 1}".getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer bytes = ByteBuffer.allocate(8 + text.length).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file, bytes.putLong(text.length).put(text).array());
    assertUnsound("the header is not UTF-8");
  }

  @Test
  void aNameThatStandsTwiceIsRefused() {
    String tensor = "'w': {'dtype': 'U8', 'shape': [1], 'data_offsets': [0, 1]}";
    write("{%s, %s}".formatted(tensor, tensor), 1);
    assertUnsound("the header is not JSON: Duplicate field 'w'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'F8_E4M3' | [2]      | [0, 2]    | tensor w has the unknown dtype 'F8_E4M3'",
        "3         | [2]      | [0, 2]    | tensor w has the unknown dtype '3'",
        "'U8'      | 2        | [0, 2]    | tensor w has no shape",
        "'U8'      | [-2]     | [0, 2]    | tensor w has the dimension -2",
        "'U8'      | [2.0]    | [0, 2]    | tensor w has the dimension 2.0",
        "'U8'      | ['2']    | [0, 2]    | tensor w has the dimension \"2\"",
        "'U8'      | [2]      | [0]       | tensor w has no two data_offsets",
        "'U8'      | [2]      | [0.5, 2]  | tensor w has no two data_offsets",
        "'U8'      | [2]      | [2, 0]    | tensor w has the data_offsets [2,0]",
        "'U8'      | [2]      | [-2, 0]   | tensor w has the data_offsets [-2,0]",
        "'U8'      | [9]      | [0, 9]    | tensor w ends at byte 9 of the data, the file holds 2: it is truncated",
        "'U8'      | [3]      | [0, 2]    | tensor w is U8 [3] and takes 3 bytes, its offsets span 2",
        "'F32'     | [2]      | [0, 2]    | tensor w is F32 [2] and takes 8 bytes, its offsets span 2",
        "'U8'      | [4294967296, 4294967296] | [0, 2] | tensor w has the shape [4294967296, 4294967296], beyond 2^63 bytes",
        "'F64'     | [2305843009213693952]    | [0, 2] | tensor w has the shape [2305843009213693952], beyond 2^63 bytes",
      })
  void aTensorWhoseEntryMakesNoSenseIsRefusedByName(
      String dtype, String shape, String offsets, String message) {
    write(
        "{'w': {'dtype': %s, 'shape': %s, 'data_offsets': %s}}".formatted(dtype, shape, offsets),
        2);
    assertUnsound(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 4 | 2 | 6 | 6 | tensors a and b overlap",
        "0 | 4 | 0 | 4 | 4 | tensors a and b overlap",
        "2 | 6 | 0 | 4 | 6 | tensors b and a overlap",
        "0 | 2 | 4 | 6 | 6 | 2 bytes before tensor b belong to none",
        "2 | 4 | 4 | 6 | 6 | 2 bytes before tensor a belong to none",
        "0 | 2 | 2 | 4 | 6 | 2 bytes after the last tensor belong to none"
      })
  void dataThatIsNotCoveredExactlyOnceIsRefused(
      int a, int aEnd, int b, int bEnd, int bytes, String message) {
    String entry = "'%s': {'dtype': 'U8', 'shape': [%d], 'data_offsets': [%d, %d]}";
    String first = entry.formatted("a", aEnd - a, a, aEnd);
    String second = entry.formatted("b", bEnd - b, b, bEnd);
    write("{%s, %s}".formatted(first, second), bytes);
    assertUnsound(message);
  }

  /** Whatever a bit does, the file is read or refused; nothing else is thrown. */
  @Test
  void turnedBitsAreReadOrRefused() throws IOException {
    long seed = 20;
    Random random = new Random(seed);
    new TensorFile(Map.of())
        .with("a", DType.F16, new long[] {2, 2}, new byte[8])
        .with("b", DType.I8, new long[] {3}, new byte[3])
        .write(file);
    byte[] sound = Files.readAllBytes(file);
    for (int trial = 0; trial < 500; trial++) {
      byte[] turned = sound.clone();
      turned[random.nextInt(turned.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, turned);
      try (Arena brief = Arena.ofConfined()) {
        assertThat(Safetensors.map(file, brief).keySet()).hasSizeBetween(1, 2);
      } catch (TrimtabException refused) {
        assertThat(refused).as("seed %d, trial %d", seed, trial).hasMessageContaining("w.safeten");
      }
    }
  }
}
