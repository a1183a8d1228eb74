package io.trimtab.engine.scheduling;

import io.trimtab.engine.delta.HostDelta;
import io.trimtab.engine.vision.ImageEmbeddings;
import io.trimtab.engine.vision.ImageKey;
import io.trimtab.model.text.Prompt;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the keys and values of a prompt's beginning are, block by block: a chain of sha-256 over the
 * delta, the tokens, and the pictures that image tokens stand for. Equal keys mean equal contents:
 * the positions of tokens follow from what stands before them. Never a name, so a delta that is
 * replaced under its name, or damped, shares nothing with what it was.
 */
public final class PrefixKeys {
  /** Tokens of a block. Small, so that a short system text is shared too. */
  public static final int BLOCK_TOKENS = 16;

  /** 256 bits. */
  public record Key(long first, long second, long third, long fourth) {
    private static Key of(byte[] digest) {
      ByteBuffer bytes = ByteBuffer.wrap(digest);
      return new Key(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
    }
  }

  private PrefixKeys() {}

  /**
   * A key for each whole block of the prompt, in order.
   *
   * @param images embeddings of the prompt's pictures, by their index
   * @param delta that the prompt runs with; null for base
   */
  public static List<Key> of(
      Prompt prompt, List<ImageEmbeddings> images, @Nullable HostDelta delta) {
    MessageDigest sha256 = sha256();
    String served = delta == null ? "base" : delta.key().digest() + "@" + delta.key().scale();
    byte[] chain = sha256.digest(served.getBytes(StandardCharsets.UTF_8));
    int[] tokens = prompt.tokenIds();
    List<Key> keys = new ArrayList<>(tokens.length / BLOCK_TOKENS);
    ByteBuffer block = ByteBuffer.allocate(BLOCK_TOKENS * Integer.BYTES);
    for (int from = 0; from + BLOCK_TOKENS <= tokens.length; from += BLOCK_TOKENS) {
      block.clear();
      for (int i = 0; i < BLOCK_TOKENS; i++) {
        block.putInt(tokens[from + i]);
      }
      sha256.update(chain);
      sha256.update(block.array());
      addImages(sha256, prompt, images, from);
      chain = sha256.digest();
      keys.add(Key.of(chain));
    }
    return List.copyOf(keys);
  }

  /** Which picture's tokens are in the block, and which of them. */
  private static void addImages(
      MessageDigest sha256, Prompt prompt, List<ImageEmbeddings> images, int from) {
    for (Prompt.ImageSpan span : prompt.images()) {
      if (span.start() < from + BLOCK_TOKENS && span.start() + span.length() > from) {
        ImageKey key = images.get(span.imageIndex()).key();
        String words = "%s %s %d".formatted(key.picture(), key.projector(), span.start());
        sha256.update(words.getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
