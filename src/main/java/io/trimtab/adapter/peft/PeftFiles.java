package io.trimtab.adapter.peft;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.Safetensors;
import io.trimtab.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Opens the two files of a PEFT folder, which may hold anything, within their bounds. */
public final class PeftFiles {
  static final String CONFIG = "adapter_config.json";
  static final String WEIGHTS = "adapter_model.safetensors";

  /** A header becomes objects on the heap; two thousand tensors take a tenth of this. */
  private static final long HEADER_BYTES_MAX = 4L << 20;

  /** Room for the name of a tensor and what is wrong with it. */
  private static final int MESSAGE_MAX = 500;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  private PeftFiles() {}

  /**
   * adapter_config.json.
   *
   * @throws TrimtabException INVALID_ARGUMENT for a file that is no JSON object or is too large
   */
  static JsonNode readConfig(Path file, long bytesMax) {
    byte[] bytes = start(file, CONFIG, bytesMax);
    JsonNode config;
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      config = JSON.readTree(text);
    } catch (CharacterCodingException e) {
      throw TrimtabException.invalid(CONFIG + " is not UTF-8");
    } catch (JsonProcessingException e) {
      throw TrimtabException.invalid(
          "%s is not JSON: %s".formatted(CONFIG, Problems.shown(e.getOriginalMessage())));
    }
    if (!config.isObject()) {
      throw TrimtabException.invalid(CONFIG + " is not a JSON object");
    }
    return config;
  }

  /**
   * The tensors of adapter_model.safetensors, mapped for as long as the arena is open.
   *
   * @throws TrimtabException INVALID_ARGUMENT for a file that is not sound safetensors or is too
   *     large
   */
  static Map<String, Tensor> mapWeights(Path file, long bytesMax, Arena arena) {
    byte[] start = start(file, WEIGHTS, bytesMax, 8);
    refusePickle(start);
    long headerBytes =
        start.length < 8 ? 0 : ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (headerBytes < 0 || headerBytes > HEADER_BYTES_MAX) {
      throw TrimtabException.invalid(
          "%s claims a header of %s bytes, expected up to %d"
              .formatted(WEIGHTS, Long.toUnsignedString(headerBytes), HEADER_BYTES_MAX));
    }
    try {
      return Safetensors.map(file, WEIGHTS, arena);
    } catch (IOException e) {
      throw unreadable(WEIGHTS, e);
    } catch (TrimtabException e) {
      // Names of tensors come from the file.
      throw new TrimtabException(e.code(), Problems.shown(Problems.words(e), MESSAGE_MAX), e);
    }
  }

  /** PyTorch writes zip archives around a pickle, and before 1.6 wrote bare pickles. */
  private static void refusePickle(byte[] start) {
    boolean zip =
        start.length >= 4 && start[0] == 'P' && start[1] == 'K' && start[2] == 3 && start[3] == 4;
    boolean pickle = start.length >= 2 && start[0] == (byte) 0x80 && start[1] >= 2 && start[1] <= 5;
    // A header of 640, 896, 1152 or 1408 bytes has a length that begins so, then six zeros.
    boolean header = start.length == 8 && allZero(start, 2);
    if (zip || (pickle && !header)) {
      throw TrimtabException.invalid(
          WEIGHTS + " is a pickle or zip file, which can run code when read; expected safetensors");
    }
  }

  private static boolean allZero(byte[] bytes, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private static byte[] start(Path file, String name, long bytesMax) {
    return start(file, name, bytesMax, Math.toIntExact(Math.min(bytesMax, Integer.MAX_VALUE - 8)));
  }

  private static byte[] start(Path file, String name, long bytesMax, int bytes) {
    if (!Files.isRegularFile(file)) {
      throw TrimtabException.invalid("expected %s, there is none".formatted(name));
    }
    try (InputStream in = Files.newInputStream(file)) {
      long size = Files.size(file);
      if (size > bytesMax) {
        throw TrimtabException.invalid(
            "%s has %d bytes, expected up to %d".formatted(name, size, bytesMax));
      }
      return in.readNBytes(bytes);
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  private static TrimtabException unreadable(String name, IOException e) {
    return new TrimtabException(ErrorCode.UNAVAILABLE, name + " can't be read now", e);
  }
}
