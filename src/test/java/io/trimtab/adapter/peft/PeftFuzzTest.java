package io.trimtab.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adapter.AdapterLimits;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.testing.PeftFolder;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files changed at random: each is refused as bad input or is still the same adapter. */
class PeftFuzzTest {
  private static final long SEED = 6_006;
  private static final PeftCase SOUND = PeftCase.reference(PeftCase.LLAVA, "projector");

  @TempDir Path dir;

  @Test
  void aChangedHeaderIsRefusedOrMeansTheSame() throws IOException {
    PeftFolder folder = new PeftFolder(dir).write(SOUND.config(), SOUND.weights());
    byte[] file = Files.readAllBytes(folder.weights());
    int header = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String digest = SOUND.read(dir).digest();
    Random random = new Random(SEED);
    for (int i = 0; i < 500; i++) {
      Files.write(folder.weights(), changed(file, 8 + header, random));
      assertThat(digestOf(folder)).as("seed %d, case %d", SEED, i).isIn(refused(), same(digest));
    }
  }

  @Test
  void aTruncatedOrLongerFileIsRefused() throws IOException {
    PeftFolder folder = new PeftFolder(dir).write(SOUND.config(), SOUND.weights());
    byte[] file = Files.readAllBytes(folder.weights());
    Random random = new Random(SEED);
    for (int i = 0; i < 150; i++) {
      int length = random.nextInt(file.length + 64);
      if (length != file.length) {
        Files.write(folder.weights(), Arrays.copyOf(file, length));
        assertThat(digestOf(folder)).as("%d bytes", length).isEmpty();
      }
    }
  }

  @Test
  void changedValuesAreRefusedOrAnotherAdapter() throws IOException {
    PeftFolder folder = new PeftFolder(dir).write(SOUND.config(), SOUND.weights());
    byte[] file = Files.readAllBytes(folder.weights());
    String digest = SOUND.read(dir).digest();
    int header = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    Random random = new Random(SEED);
    for (int i = 0; i < 150; i++) {
      byte[] changed = file.clone();
      changed[8 + header + random.nextInt(file.length - 8 - header)] ^=
          (byte) (1 << random.nextInt(8));
      Files.write(folder.weights(), changed);
      assertThat(digestOf(folder)).as("seed %d, case %d", SEED, i).isNotEqualTo(same(digest));
    }
  }

  @Test
  void aChangedConfigNeverBreaksTheReader() throws IOException {
    PeftFolder folder = new PeftFolder(dir).write(SOUND.config(), SOUND.weights());
    byte[] config = Files.readAllBytes(folder.config());
    String digest = SOUND.read(dir).digest();
    Random random = new Random(SEED);
    int refused = 0;
    int same = 0;
    for (int i = 0; i < 500; i++) {
      Files.write(folder.config(), changed(config, config.length, random));
      Optional<String> found = digestOf(folder);
      refused += found.isEmpty() ? 1 : 0;
      same += found.equals(same(digest)) ? 1 : 0;
    }
    assertThat(refused).isPositive();
    assertThat(same).isPositive();
  }

  private static byte[] changed(byte[] file, int end, Random random) {
    byte[] changed = file.clone();
    for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
      int at = random.nextInt(end);
      switch (random.nextInt(3)) {
        case 0 -> changed[at] = (byte) random.nextInt(256);
        case 1 -> changed[at] = (byte) "0123456789\"{}[],:. eE-\\".charAt(random.nextInt(23));
        default -> {
          int length = Math.min(random.nextInt(16), end - at);
          System.arraycopy(file, random.nextInt(end - length), changed, at, length);
        }
      }
    }
    return changed;
  }

  /** Empty for a folder that is refused as bad input; anything else escapes and fails the test. */
  private static Optional<String> digestOf(PeftFolder folder) {
    PeftReader reader = new PeftReader(SOUND.base(), AdapterLimits.defaults());
    try (Arena arena = Arena.ofConfined()) {
      return Optional.of(reader.read(folder.config(), folder.weights(), arena).digest());
    } catch (TrimtabException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      return Optional.empty();
    }
  }

  private static Optional<String> refused() {
    return Optional.empty();
  }

  private static Optional<String> same(String digest) {
    return Optional.of(digest);
  }
}
